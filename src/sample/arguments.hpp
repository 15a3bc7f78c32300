// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sample/expression.hpp"

namespace corelane::sample {

/// Makes one argument ready. The fault, an empty message where there is none, has no position.
Fault make_argument(ArgumentKind kind, std::string written, const Names& names, Argument& argument);

/// The number of the table with this name. The fault as above.
Fault find_table(const Names& names, std::string_view name, std::uint32_t& table);

/// After all that were written: fills in what may be left out, and looks whether the table keeps what is
/// asked of it.
Fault complete_arguments(const ArgumentKinds& kinds, std::optional<stick::DataType> stored,
                         const Names& names, Arguments& arguments);
/// The same for words and texts of a certain form; its kind and text are set.
Fault make_code_argument(const Names& names, Argument& argument);

}  // namespace corelane::sample
