// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/near_miss.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

struct CertificateError {
  std::uint16_t code;
  std::string_view name;
};

// Numbers and names are OpenSSL's, which HAProxy takes as well.
constexpr CertificateError certificate_errors[] = {
    {2, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT"},
    {3, "X509_V_ERR_UNABLE_TO_GET_CRL"},
    {7, "X509_V_ERR_CERT_SIGNATURE_FAILURE"},
    {8, "X509_V_ERR_CRL_SIGNATURE_FAILURE"},
    {9, "X509_V_ERR_CERT_NOT_YET_VALID"},
    {10, "X509_V_ERR_CERT_HAS_EXPIRED"},
    {11, "X509_V_ERR_CRL_NOT_YET_VALID"},
    {12, "X509_V_ERR_CRL_HAS_EXPIRED"},
    {18, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT"},
    {19, "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN"},
    {20, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"},
    {21, "X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
    {22, "X509_V_ERR_CERT_CHAIN_TOO_LONG"},
    {23, "X509_V_ERR_CERT_REVOKED"},
    {24, "X509_V_ERR_INVALID_CA"},
    {25, "X509_V_ERR_PATH_LENGTH_EXCEEDED"},
    {26, "X509_V_ERR_INVALID_PURPOSE"},
    {27, "X509_V_ERR_CERT_UNTRUSTED"},
    {28, "X509_V_ERR_CERT_REJECTED"},
};
constexpr std::size_t codes_max = 32;
constexpr std::uint64_t code_max = 99;
constexpr std::string_view all_word = "all";

std::vector<std::string_view> error_names() {
  std::vector<std::string_view> names{all_word};
  for (const CertificateError& error : certificate_errors) names.push_back(error.name);
  return names;
}

bool read_code(DecodeContext& context, const Node& node, const std::string& path, std::uint16_t& code) {
  if (node.kind == Node::Kind::integer && node.integer >= 1 &&
      node.integer <= static_cast<std::int64_t>(code_max)) {
    code = static_cast<std::uint16_t>(node.integer);
    return true;
  }
  const auto found = std::ranges::find(certificate_errors, node.text, &CertificateError::name);
  if (node.kind == Node::Kind::string && found != std::end(certificate_errors)) {
    code = found->code;
    return true;
  }
  const std::vector<std::string_view> names = error_names();
  const std::string message = node.kind == Node::Kind::string
                                  ? fmt::format("\"{}\" is not a known fault of certificates", node.text)
                                  : fmt::format("expected a fault's name or its number, 1 to {}", code_max);
  context.report.error(node.position, path, message,
                       {{names.begin(), names.end()}, std::string(base::near_miss(node.text, names))});
  return false;
}

bool read_ignored(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                  void* member) {
  TlsIgnoredErrors& ignored = *static_cast<TlsIgnoredErrors*>(member);
  ignored = {};
  if (node.kind == Node::Kind::string && node.text == all_word) {
    ignored.all = true;
    return true;
  }
  if (node.kind != Node::Kind::array || node.children.empty() || node.children.size() > codes_max)
    return refuse_kind(context, node, path, "\"all\" or a list of faults of certificates");
  bool sound = true;
  for (std::size_t i = 0; i < node.children.size(); ++i)
    sound = read_code(context, node.children[i], path_index(path, i), ignored.codes.emplace_back()) && sound;
  return sound;
}

void write_ignored(const EncodeContext&, const Field&, const void* member, Json& value) {
  const TlsIgnoredErrors& ignored = *static_cast<const TlsIgnoredErrors*>(member);
  if (ignored.all) {
    value = all_word;
    return;
  }
  value = Json::array();
  for (const std::uint16_t code : ignored.codes) {
    const auto found = std::ranges::find(certificate_errors, code, &CertificateError::code);
    found != std::end(certificate_errors) ? value.push_back(found->name) : value.push_back(code);
  }
}

void describe_ignored(const Field&, Json& schema) {
  Json names = Json::array();
  for (const CertificateError& error : certificate_errors) names.push_back(error.name);
  const Json number{{"type", "integer"}, {"minimum", 1}, {"maximum", code_max}};
  const Json item{{"anyOf", Json::array({Json{{"enum", names}}, number})}};
  schema["anyOf"] =
      Json::array({Json{{"const", all_word}},
                   Json{{"type", "array"}, {"items", item}, {"minItems", 1}, {"maxItems", codes_max}}});
}

bool nothing_ignored(const void* member) {
  return static_cast<const TlsIgnoredErrors*>(member)->empty();
}

void ignore_nothing(void* member) {
  *static_cast<TlsIgnoredErrors*>(member) = {};
}

}  // namespace

const ValueType tls_ignored_errors_type{.name = "\"all\" or list of faults",
                                        .spelling = Node::Kind::array,
                                        .read = read_ignored,
                                        .write = write_ignored,
                                        .describe = describe_ignored,
                                        .absent = nothing_ignored,
                                        .clear = ignore_nothing};

}  // namespace corelane::config
