// SPDX-License-Identifier: Apache-2.0
// What servers of HTTP answer.
#include <fmt/format.h>

#include <algorithm>

#include "sim/http_peers.hpp"

namespace corelane::sim {

namespace {

bool without_body(const HttpRequest& request, int status) {
  return request.method == "HEAD" || status == 204 || status == 304;
}

int pick_status(Random& random, const HttpHabits& habits) {
  if (random.chance(habits.errors)) return random.pick({503, 404, 500});
  return random.pick({200, 200, 200, 200, 204, 301, 304});
}

void add_answer_body(HttpAnswer& answer, Random& random, const HttpHabits& habits, const HttpRequest& request,
                     bool http10) {
  HttpText& text = answer.text;
  const std::size_t size = random.size(0, habits.body_max >> random.number(0, 6));
  const std::uint64_t key = random.next();
  if (answer.status == 204) return;
  if (without_body(request, answer.status)) {
    text.fields.push_back(fmt::format("Content-Length: {}", size));
  } else if (random.chance(habits.until_close)) {
    answer.until_close = true;
    text.body = body_bytes(key, size);
  } else if (!http10 && !request.http10 && random.chance(habits.chunked)) {
    text.fields.push_back("Transfer-Encoding: chunked");
    text.body = chunked_body(random, key, size);
  } else {
    text.fields.push_back(fmt::format("Content-Length: {}", size));
    text.body = body_bytes(key, size);
  }
}

void accept_tunnel(HttpAnswer& answer, Random& random, const HttpHabits& habits, const HttpRequest& request) {
  answer.tunnels = true;
  answer.tunnel_bytes = random.size(0, habits.body_max >> random.number(0, 6));
  if (request.tunnel == HttpRequest::Tunnel::connect) {
    answer.status = 200;
    return;
  }
  answer.status = 101;
  answer.text.hop_fields.push_back("Connection: upgrade");
  answer.text.fields.push_back("Upgrade: websocket");
}

void spoil_answer(HttpAnswer& answer, Random& random, const HttpHabits& habits) {
  const std::size_t head = answer.text.head().size();
  if (random.chance(habits.cuts)) {
    answer.fault = HttpAnswer::Fault::cut;
    answer.after_cut =
        random.pick({HttpAnswer::AfterCut::stalls, HttpAnswer::AfterCut::ends, HttpAnswer::AfterCut::breaks});
    const std::size_t at =
        random.pick({std::size_t{0}, random.size(0, head - 1), random.size(0, answer.said.size() - 1)});
    // A body until close that ends with a clean end is whole.
    if (answer.until_close && at >= head && answer.after_cut == HttpAnswer::AfterCut::ends) {
      answer.fault = HttpAnswer::Fault::none;
      return;
    }
    answer.said.resize(at);
    answer.cuts_in_body = at >= head;
  } else if (random.chance(habits.junk)) {
    answer.fault = HttpAnswer::Fault::junk;
    answer.said = random.pick(
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "junk\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "HTTP/1.1 200 OK\nx\r\n\r\n"});
  } else if (random.chance(habits.excess) && !answer.until_close) {
    answer.fault = HttpAnswer::Fault::excess;
    answer.said +=
        random.chance(500) ? "HTTP/1.1 200 OK\r\nx-excess: 1\r\nContent-Length: 2\r\n\r\nxx" : "junk\r\n\r\n";
  }
}

}  // namespace

HttpAnswer make_answer(Random& random, const HttpHabits& habits, const HttpRequest& request,
                       std::uint32_t attempt) {
  HttpAnswer answer;
  answer.status = pick_status(random, habits);
  answer.delay_us = random.between(2, 2 + habits.delay_us_max);  // interim ones go first
  answer.at_head = random.chance(habits.at_head);
  const bool http10 = random.chance(habits.http10);
  if (request.tunnel != HttpRequest::Tunnel::none && random.chance(habits.accepts)) {
    accept_tunnel(answer, random, habits, request);
  } else {
    if (request.tunnel == HttpRequest::Tunnel::connect) answer.status = 404;
    add_answer_body(answer, random, habits, request, http10);
    answer.closes = http10 || random.chance(habits.closes);
    if (answer.closes && !http10) {
      answer.text.hop_fields.push_back("Connection: close");
    } else if (!answer.closes && random.chance(100)) {
      answer.text.hop_fields = {"Connection: X-Hop", "X-Hop: 2", "Keep-Alive: timeout=5"};
    }
  }
  answer.text.fields.push_back(fmt::format("X-Attempt: {}", attempt));
  answer.text.start_line = fmt::format("HTTP/1.{} {} Fine", http10 && !answer.tunnels ? 0 : 1, answer.status);
  if (!request.http10 && random.chance(habits.interims)) {
    for (std::uint32_t count = random.number(1, 2); count > 0; --count)
      answer.interims.push_back(fmt::format("HTTP/1.1 {}\r\nX-Attempt: {}\r\n\r\n",
                                            request.expects_continue ? "100 Continue" : "103 Early Hints",
                                            attempt));
  }
  answer.said = answer.text.text();
  if (!answer.tunnels) spoil_answer(answer, random, habits);
  return answer;
}

}  // namespace corelane::sim
