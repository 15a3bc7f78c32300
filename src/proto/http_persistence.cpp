// SPDX-License-Identifier: Apache-2.0
#include "proto/http_persistence.hpp"

#include <array>

#include "proto/http_cookie.hpp"

namespace corelane::proto {
namespace {

constexpr char prefix_separator = '~';
constexpr char date_separator = '|';
constexpr std::size_t date_digits = 5;
constexpr std::int64_t future_max_s = 86'400;
constexpr std::string_view base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// 0 where the text does not begin with a date.
std::int64_t read_date(std::string_view text) {
  if (text.size() < date_digits) return 0;
  std::int64_t units = 0;
  for (const char c : text.substr(0, date_digits)) {
    const std::size_t digit = base64.find(c);
    if (digit == std::string_view::npos) return 0;
    units = units << 6 | static_cast<std::int64_t>(digit);
  }
  return units << 2;
}

/// Takes the dates off a value, as far as they can be read.
std::string_view read_dates(std::string_view value, Persistence& persistence) {
  const std::size_t bar = value.find(date_separator);
  if (bar == std::string_view::npos) return value;
  const std::string_view last = value.substr(bar + 1);
  if (const std::int64_t date = read_date(last); date > 0) persistence.last_s = date;
  const std::size_t second_bar = last.find(date_separator);
  if (second_bar != std::string_view::npos) {
    if (const std::int64_t date = read_date(last.substr(second_bar + 1)); date > 0)
      persistence.first_s = date;
  }
  return value.substr(0, bar);
}

/// A date far in the future is one that somebody made up.
bool out_of_date(std::int64_t date_s, std::int64_t age_max_s, std::int64_t now_s) {
  return date_s != 0 && age_max_s != 0 && (now_s - date_s > age_max_s || date_s - now_s > future_max_s);
}

/// Whether the cookie is too old, which its letter then says.
bool too_old(const PersistenceRules& rules, std::int64_t now_s, Persistence& persistence) {
  if (out_of_date(persistence.first_s, rules.max_life_s, now_s)) {
    persistence.letter = 'O';
  } else if (out_of_date(persistence.last_s, rules.max_idle_s, now_s)) {
    persistence.letter = 'E';
  } else {
    return false;
  }
  persistence.first_s = persistence.last_s = 0;
  return true;
}

void find_server(std::string_view value, const PersistenceServers& servers, Persistence& persistence) {
  const bool found_before = persistence.server != Persistence::no_server;
  PersistenceServer found;
  if (!value.empty() && !found_before) found = servers.find(servers.servers, value);
  if (found.state == PersistenceServer::State::up) {
    persistence.server = found.index;
    persistence.letter = 'V';
  } else if (found.state == PersistenceServer::State::down) {
    persistence.letter = 'D';
  } else if (persistence.letter == 'N') {
    persistence.letter = 'I';
  }
}

/// The part of a pair from the end of its name to `end`: what an equal sign and a new value replace.
std::string_view from_equal_sign(const HttpCookie& cookie, const char* end) {
  const char* begin = cookie.name.data() + cookie.name.size();
  return {begin, static_cast<std::size_t>(end - begin)};
}

const char* end_of(std::string_view text) {
  return text.data() + text.size();
}

/// Our cookie in one field of the request.
class CookieOfRequest {
 public:
  CookieOfRequest(const PersistenceRules& rules, std::int64_t now_s, const PersistenceServers& servers,
                  HttpHeadEdits& edits, Persistence& persistence)
      : rules_(rules), now_s_(now_s), servers_(servers), edits_(edits), persistence_(persistence) {}

  bool read(const HttpField& field) {
    HttpCookieReader reader(field.value);
    HttpCookieRemoval removal(field, edits_);
    bool fits = true;
    for (HttpCookie cookie; reader.next(cookie);) {
      if (cookie.name.starts_with('$')) continue;
      const bool ours = cookie.has_value && cookie.name == rules_.name;
      const bool prefixed = ours && take(cookie, fits);
      const bool hidden = rules_.mode == PersistenceMode::insert && rules_.indirect;
      ours && !prefixed && hidden ? removal.remove(cookie) : removal.keep(cookie);
    }
    return removal.finish() && fits;
  }

 private:
  /// Whether it had a prefix, which is taken off.
  bool take(const HttpCookie& cookie, bool& fits) {
    std::string_view server = cookie.value;
    std::size_t separator = std::string_view::npos;
    if (rules_.mode == PersistenceMode::prefix) {
      separator = server.find(prefix_separator);
      server = server.substr(0, separator);
    } else {
      server = read_dates(server, persistence_);
    }
    find_server(too_old(rules_, now_s_, persistence_) ? std::string_view() : server, servers_, persistence_);
    if (separator == std::string_view::npos) return false;
    const char* value = cookie.value.data() + separator + 1;
    fits = edits_.replace(from_equal_sign(cookie, value), "=") && fits;
    return true;
  }

  const PersistenceRules& rules_;
  const std::int64_t now_s_;
  const PersistenceServers& servers_;
  HttpHeadEdits& edits_;
  Persistence& persistence_;
};

/// A text of bounded length.
class Text {
 public:
  Text& operator<<(std::string_view text) {
    fits_ = fits_ && text.size() <= bytes_.size() - size_;
    if (fits_) size_ += text.copy(bytes_.data() + size_, text.size());
    return *this;
  }
  void add_date(std::int64_t units) {
    std::array<char, date_digits + 1> text{date_separator};
    for (std::size_t i = date_digits; i > 0; --i, units >>= 6)
      text[i] = base64[static_cast<std::size_t>(units & 63)];
    *this << std::string_view(text.data(), text.size());
  }
  bool fits() const { return fits_; }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, inserted_cookie_bytes_max> bytes_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

/// What HAProxy holds for cacheable before it adds a cookie: by method and status, then by Cache-Control.
class Cacheability {
 public:
  Cacheability(const HttpResponseHead& head, HttpMethod method)
      : cacheable_(by_default(head.status, method)) {
    for (const HttpField& field : head.fields) look_at(field);
  }

  bool cacheable() const { return cacheable_ && storable_ && !pragma_; }

 private:
  static bool by_default(std::uint16_t status, HttpMethod method) {
    if (method != HttpMethod::get && method != HttpMethod::head && method != HttpMethod::options)
      return false;
    switch (status) {
      case 200:
      case 203:
      case 204:
      case 206:
      case 300:
      case 301:
      case 404:
      case 405:
      case 410:
      case 414:
      case 501:
        return true;
      default:
        return false;
    }
  }

  void look_at(const HttpField& field) {
    if (field.known == HttpName::cache_control) {
      look_at_directives(field.value);
    } else if (field.known == HttpName::pragma) {
      pragma_ = pragma_ || http_same_name(field.value, "no-cache");
    } else {
      for (const std::string_view name : {"etag", "last-modified", "expires"})
        storable_ = storable_ || http_same_name(field.name, name);
    }
  }

  void look_at_directives(std::string_view value) {
    while (!value.empty()) {
      const std::size_t comma = value.find(',');
      std::string_view directive = value.substr(0, comma);
      while (directive.starts_with(' ') || directive.starts_with('\t')) directive.remove_prefix(1);
      while (directive.ends_with(' ') || directive.ends_with('\t')) directive.remove_suffix(1);
      look_at_directive(directive);
      value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    }
  }

  void look_at_directive(std::string_view directive) {
    if (http_same_name(directive, "public")) {
      cacheable_ = true;
      return;
    }
    for (const std::string_view refusal : {"private", "no-cache", "no-store", "max-age=0", "s-maxage=0"}) {
      if (!http_same_name(directive, refusal)) continue;
      cacheable_ = false;
      return;
    }
    for (const std::string_view freshness : {"s-maxage", "max-age"})
      storable_ = storable_ || http_same_name(directive.substr(0, freshness.size()), freshness);
  }

  bool cacheable_;
  bool storable_ = false;  // it says how long it is good, or how to find out
  bool pragma_ = false;
};

/// What becomes of a cookie of this name that the server has set.
bool edit_server_cookie(const PersistenceRules& rules, const HttpField& field, const HttpCookie& cookie,
                        const PersistenceResponse& response, HttpHeadEdits& edits, char& letter) {
  letter = 'P';
  const bool spaces = cookie.pair.size() != cookie.name.size() + 1 + cookie.value.size();
  const std::string_view before_value = from_equal_sign(cookie, cookie.value.data());
  if (!rules.preserve) {
    const bool hidden = response.by_wanted_server && rules.indirect;
    if (rules.mode == PersistenceMode::insert || hidden) {
      letter = 'D';
      return edits.remove(field);
    }
    const bool prefixes = rules.mode == PersistenceMode::prefix;
    if ((prefixes || rules.mode == PersistenceMode::rewrite) && !response.server_cookie.empty()) {
      Text text;
      text << "=" << response.server_cookie << (prefixes ? "~" : "");
      letter = 'R';
      return text.fits() &&
             edits.replace(prefixes ? before_value : from_equal_sign(cookie, end_of(cookie.value)),
                           text.view());
    }
  }
  return !spaces || edits.replace(before_value, "=");
}

/// The client does not belong to this server yet, or its cookie's dates are to change.
bool inserts(const PersistenceRules& rules, const Persistence& persistence,
             const PersistenceResponse& response) {
  if (rules.mode != PersistenceMode::insert) return false;
  if (rules.postonly && response.method != HttpMethod::post) return false;
  if (!response.by_wanted_server) return true;
  const bool wants_last = rules.max_idle_s != 0 || persistence.last_s != 0;
  const bool new_last = wants_last && persistence.last_s < response.now_s;
  return new_last || (rules.max_life_s != 0) != (persistence.first_s != 0);
}

bool insert_cookie(const PersistenceRules& rules, const Persistence& persistence,
                   const PersistenceResponse& response, HttpHeadEdits& edits) {
  Text text;
  text << rules.name << "=" << response.server_cookie;
  if (response.server_cookie.empty()) {
    text << "; Expires=Thu, 01-Jan-1970 00:00:01 GMT";
  } else if (rules.max_idle_s != 0 || rules.max_life_s != 0) {
    const std::int64_t now = (response.now_s + 3) >> 2;
    text.add_date(now);
    if (rules.max_life_s != 0) text.add_date(persistence.first_s != 0 ? persistence.first_s >> 2 : now);
  }
  text << "; path=/" << rules.attributes;
  return text.fits() && edits.add_field("Set-Cookie", text.view());
}

}  // namespace

bool read_persistence(const PersistenceRules& rules, const HttpFields& fields, std::int64_t now_s,
                      const PersistenceServers& servers, HttpHeadEdits& edits, Persistence& persistence) {
  CookieOfRequest cookie(rules, now_s, servers, edits, persistence);
  for (const HttpField* field = fields.first(HttpName::cookie); field != nullptr; field = fields.next(*field))
    if (!cookie.read(*field)) return false;
  return true;
}

bool write_persistence(const PersistenceRules& rules, const Persistence& persistence,
                       const HttpResponseHead& head, const PersistenceResponse& response,
                       HttpHeadEdits& edits, char& letter) {
  letter = 'N';
  const HttpField* field = head.fields.first(HttpName::set_cookie);
  for (; field != nullptr; field = head.fields.next(*field)) {
    const HttpCookie cookie = read_set_cookie(field->value);
    if (!cookie.has_value || cookie.name != rules.name) continue;
    if (!edit_server_cookie(rules, *field, cookie, response, edits, letter)) return false;
  }
  if ((letter == 'P' && rules.preserve) || !inserts(rules, persistence, response)) return true;
  if (!insert_cookie(rules, persistence, response, edits)) return false;
  letter = response.by_wanted_server && !response.server_cookie.empty() ? 'U' : 'I';
  if (!rules.nocache || !Cacheability(head, response.method).cacheable()) return true;
  return edits.add_field("Cache-Control", "private");
}

}  // namespace corelane::proto
