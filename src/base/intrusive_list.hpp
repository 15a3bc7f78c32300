// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/check.hpp"

namespace corelane::base {

/// A doubly linked ring node, embedded in its owner. A node that is in no list points at itself.
struct ListNode {
  ListNode* previous = this;
  ListNode* next = this;

  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  bool linked() const noexcept { return next != this; }

  void unlink() noexcept {
    previous->next = next;
    next->previous = previous;
    previous = next = this;
  }
};

/// A list head over ListNode. Owns nothing; insertion and removal are O(1) and never allocate.
class List {
 public:
  bool empty() const noexcept { return !head_.linked(); }
  ListNode* front() noexcept { return empty() ? nullptr : head_.next; }
  ListNode* back() noexcept { return empty() ? nullptr : head_.previous; }

  /// The one behind a node of this list; null: it is the last.
  ListNode* after(ListNode& node) noexcept { return node.next == &head_ ? nullptr : node.next; }

  void push_back(ListNode& node) noexcept {
    CORELANE_CHECK(!node.linked());
    node.previous = head_.previous;
    node.next = &head_;
    head_.previous->next = &node;
    head_.previous = &node;
  }

  void push_front(ListNode& node) noexcept {
    CORELANE_CHECK(!node.linked());
    node.next = head_.next;
    node.previous = &head_;
    head_.next->previous = &node;
    head_.next = &node;
  }

  /// Takes the first node out; null when the list is empty.
  ListNode* pop_front() noexcept {
    ListNode* node = front();
    if (node != nullptr) node->unlink();
    return node;
  }

  /// Moves every node of `other` to the end of this list.
  void splice_back(List& other) noexcept {
    if (other.empty()) return;
    ListNode* first = other.head_.next;
    ListNode* last = other.head_.previous;
    other.head_.previous = other.head_.next = &other.head_;
    first->previous = head_.previous;
    head_.previous->next = first;
    last->next = &head_;
    head_.previous = last;
  }

 private:
  ListNode head_;
};

}  // namespace corelane::base
