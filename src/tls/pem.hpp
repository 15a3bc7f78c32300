// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/base.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "tls/settings.hpp"

/// PEM as people have it in files. Errors name the file and say what to do.
namespace corelane::tls {

/// The most certificates of one file that are looked at: bundles of a system have about 150.
inline constexpr std::size_t certificates_max = 4096;

std::vector<bssl::UniquePtr<X509>> read_certificates(const NamedBytes& file, std::string& error);
std::vector<bssl::UniquePtr<X509_CRL>> read_revocations(const NamedBytes& file, std::string& error);
bssl::UniquePtr<EVP_PKEY> read_key(const NamedBytes& file, std::string& error);

/// The names that a certificate is for: those of subjectAltName and, as HAProxy has it, its common names.
std::vector<std::string> names_of(X509* certificate);
/// "CN=a,O=b", for messages.
std::string subject_of(X509* certificate);
/// Seconds since 1970 of a time of a certificate; nothing when it is none.
bool seconds_of(const ASN1_TIME* time, std::int64_t& seconds);

}  // namespace corelane::tls
