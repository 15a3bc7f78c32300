// SPDX-License-Identifier: Apache-2.0
#include "tls/pem.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>

namespace corelane::tls {
namespace {

bssl::UniquePtr<BIO> reader_of(const NamedBytes& file) {
  return bssl::UniquePtr<BIO>(BIO_new_mem_buf(
      file.bytes.data(), static_cast<int>(std::min<std::size_t>(file.bytes.size(), INT_MAX))));
}

bool ended_at_end() {
  const std::uint32_t error = ERR_peek_last_error();
  const bool end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return end;
}

/// Everything that stands between "BEGIN something" and its end, in the file's order.
template <typename Thing, typename Read>
std::vector<bssl::UniquePtr<Thing>> read_all(const NamedBytes& file, std::string_view what, Read read,
                                             std::string& error) {
  std::vector<bssl::UniquePtr<Thing>> things;
  const bssl::UniquePtr<BIO> bio = reader_of(file);
  ERR_clear_error();
  while (things.size() < certificates_max) {
    bssl::UniquePtr<Thing> thing(read(bio.get()));
    if (!thing) break;
    things.push_back(std::move(thing));
  }
  const bool sound = ended_at_end();
  if (!sound && things.size() < certificates_max)
    error = fmt::format("{}: the {} number {} is damaged: it does not decode as PEM", file.name, what,
                        things.size() + 1);
  else if (things.empty())
    error = fmt::format("{} has no {}: a line \"-----BEGIN {}-----\" is expected", file.name, what,
                        what == "certificate" ? "CERTIFICATE" : "X509 CRL");
  return things;
}

/// The library would ask the terminal for the password of a key.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

void add_text(std::vector<std::string>& names, const ASN1_STRING* text) {
  std::string name(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                   static_cast<std::size_t>(ASN1_STRING_length(text)));
  const bool plain =
      !name.empty() && name.find('\0') == std::string::npos && name.find(' ') == std::string::npos;
  if (plain && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

}  // namespace

std::vector<bssl::UniquePtr<X509>> read_certificates(const NamedBytes& file, std::string& error) {
  const auto read = [](BIO* bio) { return PEM_read_bio_X509(bio, nullptr, nullptr, nullptr); };
  return read_all<X509>(file, "certificate", read, error);
}

std::vector<bssl::UniquePtr<X509_CRL>> read_revocations(const NamedBytes& file, std::string& error) {
  const auto read = [](BIO* bio) { return PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr); };
  return read_all<X509_CRL>(file, "list of revoked certificates", read, error);
}

bssl::UniquePtr<EVP_PKEY> read_key(const NamedBytes& file, std::string& error) {
  const bssl::UniquePtr<BIO> bio = reader_of(file);
  bool asked = false;
  ERR_clear_error();
  bssl::UniquePtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, &asked));
  const bool absent = !key && ended_at_end();
  ERR_clear_error();
  if (key) return key;
  if (asked)
    error = fmt::format(
        "{}: the private key is encrypted; `openssl pkey -in {} -out plain.pem` writes one that is not",
        file.name, file.name);
  else if (absent)
    error = fmt::format(
        "{} has no private key: it may stand behind the certificates, or in the file of \"key\"", file.name);
  else
    error = fmt::format(
        "{}: the private key is damaged or of a kind that is not supported (RSA, ECDSA and Ed25519 are)",
        file.name);
  return nullptr;
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  const bssl::UniquePtr<GENERAL_NAMES> others(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (std::size_t i = 0; others && i < sk_GENERAL_NAME_num(others.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(others.get(), i);
    if (name->type == GEN_DNS) add_text(names, name->d.dNSName);
  }
  X509_NAME* const subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
    add_text(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  return names;
}

std::string subject_of(X509* certificate) {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  const std::uint8_t* text = nullptr;
  std::size_t size = 0;
  if (BIO_mem_contents(bio.get(), &text, &size) != 1) return {};
  return {reinterpret_cast<const char*>(text), size};
}

bool seconds_of(const ASN1_TIME* time, std::int64_t& seconds) {
  const bssl::UniquePtr<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int rest = 0;
  constexpr std::int64_t day_seconds = 86'400;
  if (!epoch || ASN1_TIME_diff(&days, &rest, epoch.get(), time) != 1) return false;
  seconds = days * day_seconds + rest;
  return true;
}

}  // namespace corelane::tls
