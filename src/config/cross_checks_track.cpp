// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/near_miss.hpp"
#include "config/cross_checks.hpp"

namespace corelane::config {
namespace {

using ServerAt = std::pair<std::uint32_t, std::uint32_t>;  // of a server: backend, server

/// The servers of a document that track others, and what is wrong with that.
class Tracks {
 public:
  Tracks(Document& document, const Node& root, Report& report)
      : backends_(document.backends), nodes_(*root.find("backends")), report_(report) {}

  void resolve() {
    for (std::uint32_t b = 0; b < backends_.size(); ++b) {
      for (std::uint32_t s = 0; s < backends_[b].servers.size(); ++s) {
        Track& track = backends_[b].servers[s].track;
        if (!track.text.empty()) find({b, s}, track);
      }
    }
  }

  /// After resolve() without an error.
  void check_ends() {
    for (std::uint32_t b = 0; b < backends_.size(); ++b) {
      for (std::uint32_t s = 0; s < backends_[b].servers.size(); ++s) {
        if (!server({b, s}).track.text.empty()) check_end({b, s});
      }
    }
  }

 private:
  const Server& server(ServerAt at) const { return backends_[at.first].servers[at.second]; }
  std::string name(ServerAt at) const {
    return fmt::format("{}/{}", backends_[at.first].name, server(at).name);
  }
  ServerAt next(ServerAt at) const { return {server(at).track.backend, server(at).track.server}; }

  void refuse(ServerAt at, std::string message, Hint hint = {}) {
    const Node& node = nodes_.children[at.first].find("servers")->children[at.second];
    const std::string servers = path_key(path_key("backends", backends_[at.first].name), "servers");
    report_.error(node.find("track")->position, path_key(path_index(servers, at.second), "track"),
                  std::move(message), std::move(hint));
  }

  void find(ServerAt at, Track& track) {
    const std::size_t slash = track.text.find('/');
    const bool elsewhere = slash != std::string::npos;
    const std::string backend = elsewhere ? track.text.substr(0, slash) : backends_[at.first].name;
    const std::uint32_t b = position_of(backends_, backend);
    if (b == no_index) {
      refuse(at, fmt::format("no backend is named \"{}\"", backend), {{}, near_miss_of(backends_, backend)});
      return;
    }
    const std::string name = elsewhere ? track.text.substr(slash + 1) : track.text;
    const std::vector<Server>& servers = backends_[b].servers;
    const std::uint32_t s = position_of(servers, name);
    if (s == no_index) {
      refuse(at, fmt::format("no server of backend {} is named \"{}\"", backend, name),
             {{}, near_miss_of(servers, name)});
      return;
    }
    track.backend = b;
    track.server = s;
  }

  /// Every step of a chain is walked; a loop is told once, at its first server.
  void check_end(ServerAt begin) {
    std::vector<ServerAt> chain{begin};
    while (!server(chain.back()).track.text.empty()) {
      const ServerAt following = next(chain.back());
      const auto seen = std::find(chain.begin(), chain.end(), following);
      if (seen != chain.end()) {
        if (seen == chain.begin() && *std::min_element(chain.begin(), chain.end()) == begin)
          refuse_loop(begin, chain);
        return;
      }
      chain.push_back(following);
    }
    const Server& end = server(chain.back());
    if (end.check.enabled || end.agent_check.port != 0) return;
    refuse(begin, fmt::format("nothing tells the health of {}: it has neither a check nor agent_check",
                              name(chain.back())));
  }

  void refuse_loop(ServerAt begin, const std::vector<ServerAt>& chain) {
    std::string text;
    for (const ServerAt& step : chain) text += name(step) + " -> ";
    refuse(begin, fmt::format("tracks itself: {}{}", text, name(begin)));
  }

  template <class Named>
  static std::uint32_t position_of(const std::vector<Named>& list, const std::string& name) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&name](const Named& one) { return one.name == name; });
    return found == list.end() ? no_index : static_cast<std::uint32_t>(found - list.begin());
  }

  template <class Named>
  static std::string near_miss_of(const std::vector<Named>& list, const std::string& name) {
    std::vector<std::string_view> names;
    for (const Named& one : list) names.push_back(one.name);
    return std::string(base::near_miss(name, names));
  }

  std::vector<BackendDraft>& backends_;
  const Node& nodes_;
  Report& report_;
};

}  // namespace

void resolve_tracks(Document& document, const Node& root, Report& report) {
  Tracks tracks(document, root, report);
  tracks.resolve();
  if (report.errors() == 0) tracks.check_ends();
}

}  // namespace corelane::config
