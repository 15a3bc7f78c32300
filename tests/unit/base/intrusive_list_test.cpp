// SPDX-License-Identifier: Apache-2.0
#include "base/intrusive_list.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

using corelane::base::List;
using corelane::base::ListNode;

struct Item : ListNode {
  explicit Item(int value_in) : value(value_in) {}
  int value;
};

std::vector<int> drained(List& list) {
  std::vector<int> values;
  while (ListNode* node = list.pop_front()) values.push_back(static_cast<Item*>(node)->value);
  return values;
}

}  // namespace

TEST_CASE("nodes leave in the order they came, and a node leaves from anywhere") {
  List list;
  CHECK(list.empty());
  CHECK(list.front() == nullptr);
  CHECK(list.pop_front() == nullptr);
  Item a(1), b(2), c(3);
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  CHECK(list.front() == &a);
  CHECK(b.linked());
  b.unlink();
  CHECK_FALSE(b.linked());
  b.unlink();  // harmless
  CHECK(drained(list) == std::vector<int>{1, 3});
  CHECK(list.empty());
  list.push_back(b);
  CHECK(drained(list) == std::vector<int>{2});
}

TEST_CASE("splice_back moves all nodes and leaves the other list empty") {
  List left, right;
  Item a(1), b(2), c(3);
  left.splice_back(right);  // empty into empty
  CHECK(left.empty());
  right.push_back(a);
  right.push_back(b);
  left.splice_back(right);  // into empty
  CHECK(right.empty());
  right.push_back(c);
  left.splice_back(right);
  left.splice_back(right);  // from empty
  CHECK(drained(left) == std::vector<int>{1, 2, 3});
}
