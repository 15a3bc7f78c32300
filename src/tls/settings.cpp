// SPDX-License-Identifier: Apache-2.0
#include "tls/settings.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace corelane::tls {
namespace {

struct VersionRow {
  std::string_view name;
  Version version;
};
constexpr std::array<VersionRow, 5> versions{{{"tlsv1.0", Version::tls10},
                                              {"tlsv1.1", Version::tls11},
                                              {"tlsv1.2", Version::tls12},
                                              {"tlsv1.3", Version::tls13},
                                              {"tlsv1", Version::tls10}}};
constexpr std::array<std::string_view, 4> version_names{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

struct CodeRow {
  int code;
  std::string_view name;
};
#define CORELANE_CODE(name) \
  CodeRow {                 \
    name, #name             \
  }
constexpr std::array codes{
    CORELANE_CODE(X509_V_OK),
    CORELANE_CODE(X509_V_ERR_UNSPECIFIED),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_GET_CRL),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY),
    CORELANE_CODE(X509_V_ERR_CERT_SIGNATURE_FAILURE),
    CORELANE_CODE(X509_V_ERR_CRL_SIGNATURE_FAILURE),
    CORELANE_CODE(X509_V_ERR_CERT_NOT_YET_VALID),
    CORELANE_CODE(X509_V_ERR_CERT_HAS_EXPIRED),
    CORELANE_CODE(X509_V_ERR_CRL_NOT_YET_VALID),
    CORELANE_CODE(X509_V_ERR_CRL_HAS_EXPIRED),
    CORELANE_CODE(X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD),
    CORELANE_CODE(X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD),
    CORELANE_CODE(X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD),
    CORELANE_CODE(X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD),
    CORELANE_CODE(X509_V_ERR_OUT_OF_MEM),
    CORELANE_CODE(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT),
    CORELANE_CODE(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE),
    CORELANE_CODE(X509_V_ERR_CERT_CHAIN_TOO_LONG),
    CORELANE_CODE(X509_V_ERR_CERT_REVOKED),
    CORELANE_CODE(X509_V_ERR_INVALID_CA),
    CORELANE_CODE(X509_V_ERR_PATH_LENGTH_EXCEEDED),
    CORELANE_CODE(X509_V_ERR_INVALID_PURPOSE),
    CORELANE_CODE(X509_V_ERR_CERT_UNTRUSTED),
    CORELANE_CODE(X509_V_ERR_CERT_REJECTED),
    CORELANE_CODE(X509_V_ERR_SUBJECT_ISSUER_MISMATCH),
    CORELANE_CODE(X509_V_ERR_AKID_SKID_MISMATCH),
    CORELANE_CODE(X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH),
    CORELANE_CODE(X509_V_ERR_KEYUSAGE_NO_CERTSIGN),
    CORELANE_CODE(X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER),
    CORELANE_CODE(X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION),
    CORELANE_CODE(X509_V_ERR_KEYUSAGE_NO_CRL_SIGN),
    CORELANE_CODE(X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION),
    CORELANE_CODE(X509_V_ERR_INVALID_NON_CA),
    CORELANE_CODE(X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED),
    CORELANE_CODE(X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE),
    CORELANE_CODE(X509_V_ERR_INVALID_EXTENSION),
    CORELANE_CODE(X509_V_ERR_INVALID_POLICY_EXTENSION),
    CORELANE_CODE(X509_V_ERR_NO_EXPLICIT_POLICY),
    CORELANE_CODE(X509_V_ERR_UNNESTED_RESOURCE),
    CORELANE_CODE(X509_V_ERR_PERMITTED_VIOLATION),
    CORELANE_CODE(X509_V_ERR_EXCLUDED_VIOLATION),
    CORELANE_CODE(X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE),
    CORELANE_CODE(X509_V_ERR_APPLICATION_VERIFICATION),
    CORELANE_CODE(X509_V_ERR_HOSTNAME_MISMATCH),
    CORELANE_CODE(X509_V_ERR_EMAIL_MISMATCH),
    CORELANE_CODE(X509_V_ERR_IP_ADDRESS_MISMATCH),
};
#undef CORELANE_CODE
constexpr std::string_view code_prefix = "X509_V_ERR_";

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::optional<Version> find_version(std::string_view name) {
  const auto* const found = std::find_if(versions.begin(), versions.end(),
                                         [name](const VersionRow& row) { return same(row.name, name); });
  if (found == versions.end()) return std::nullopt;
  return found->version;
}

std::string_view version_name(Version version) noexcept {
  return version_names[static_cast<std::size_t>(version)];
}

std::optional<int> find_verify_code(std::string_view name) {
  int number = 0;
  const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (bad == std::errc{} && end == name.data() + name.size()) {
    if (number < 0 || std::cmp_greater_equal(number, verify_codes_max)) return std::nullopt;
    return number;
  }
  for (const CodeRow& row : codes) {
    if (same(row.name, name)) return row.code;
    if (row.name.starts_with(code_prefix) && same(row.name.substr(code_prefix.size()), name)) return row.code;
  }
  return std::nullopt;
}

std::string_view verify_code_name(int code) noexcept {
  const auto* const found =
      std::find_if(codes.begin(), codes.end(), [code](const CodeRow& row) { return row.code == code; });
  return found == codes.end() ? std::string_view() : found->name;
}

std::string_view verify_code_words(int code) noexcept {
  return X509_verify_cert_error_string(code);
}

}  // namespace corelane::tls
