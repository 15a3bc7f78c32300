// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proxy/topology.hpp"

/// What clients' connections say of a server that is observed. They cost nothing elsewhere, and where they
/// succeed a look at a line that nobody writes then.
namespace corelane::proxy {

/// A connection was made: the row of failed ones ends.
void observe_connected(const Server& server);

/// A connection failed with this errno. True when so many in a row are to be told to the control thread; the
/// row then begins anew. Trouble of this process's own (no descriptor, no port, no memory) does not count.
bool observe_connect_failed(const Server& server, int error_number);

}  // namespace corelane::proxy
