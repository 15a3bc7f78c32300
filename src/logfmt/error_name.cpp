// SPDX-License-Identifier: Apache-2.0
#include "logfmt/error_name.hpp"

namespace corelane::logfmt {
namespace {

struct ErrorRow {
  std::int32_t number;
  std::string_view name;
};

/// Linux's own numbers (asm-generic), by value: pure code does not include errno.h.
constexpr ErrorRow rows[] = {
    {1, "EPERM"},          {2, "ENOENT"},      {4, "EINTR"},          {5, "EIO"},
    {9, "EBADF"},          {11, "EAGAIN"},     {12, "ENOMEM"},        {13, "EACCES"},
    {14, "EFAULT"},        {19, "ENODEV"},     {22, "EINVAL"},        {23, "ENFILE"},
    {24, "EMFILE"},        {32, "EPIPE"},      {71, "EPROTO"},        {92, "ENOPROTOOPT"},
    {97, "EAFNOSUPPORT"},  {98, "EADDRINUSE"}, {99, "EADDRNOTAVAIL"}, {100, "ENETDOWN"},
    {101, "ENETUNREACH"},  {102, "ENETRESET"}, {103, "ECONNABORTED"}, {104, "ECONNRESET"},
    {105, "ENOBUFS"},      {106, "EISCONN"},   {107, "ENOTCONN"},     {110, "ETIMEDOUT"},
    {111, "ECONNREFUSED"}, {112, "EHOSTDOWN"}, {113, "EHOSTUNREACH"}, {114, "EALREADY"},
    {115, "EINPROGRESS"},  {125, "ECANCELED"},
};

}  // namespace

std::string_view error_name(std::int32_t error_number) {
  for (const ErrorRow& row : rows)
    if (row.number == error_number) return row.name;
  return {};
}

}  // namespace corelane::logfmt
