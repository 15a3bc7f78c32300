// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/address.hpp"
#include "config/field.hpp"

/// The kinds of values that rows are made of.
namespace corelane::config {

extern const ValueType boolean_type;
extern const ValueType optional_boolean_type;
extern const ValueType count_type;
extern const ValueType count_or_auto_type;
extern const ValueType count_or_zero_type;
extern const ValueType duration_type;
extern const ValueType whole_seconds_type;
extern const ValueType size_type;
extern const ValueType file_mode_type;
extern const ValueType enum_word_type;
extern const ValueType index_word_type;
extern const ValueType name_type;
extern const ValueType bind_name_type;
extern const ValueType interface_type;
extern const ValueType backend_reference_type;
extern const ValueType backend_choice_type;
extern const ValueType bind_address_type;
extern const ValueType admin_address_type;
extern const ValueType server_address_type;
extern const ValueType check_address_type;
extern const ValueType track_type;
extern const ValueType source_address_type;
extern const ValueType transparent_type;
extern const ValueType tos_type;
extern const ValueType log_destination_type;
extern const ValueType log_sample_type;
extern const ValueType frontend_log_destination_type;
extern const ValueType log_format_type;
extern const ValueType error_log_format_type;
extern const ValueType schema_reference_type;
extern const ValueType line_type;
extern const ValueType content_type;
extern const ValueType bytes_type;
extern const ValueType regex_type;
extern const ValueType accept_proxy_type;
extern const ValueType network_type;
extern const ValueType mode_type;
extern const ValueType word_set_type;
extern const ValueType retry_on_type;
extern const ValueType token_type;
extern const ValueType uri_path_type;
extern const ValueType domain_type;
extern const ValueType cookie_value_type;
extern const ValueType cookie_beginning_type;
extern const ValueType cookie_attribute_type;
extern const ValueType error_files_type;
extern const ValueType error_group_reference_type;
extern const ValueType check_type_type;
extern const ValueType http_method_type;
extern const ValueType http_host_type;
extern const ValueType http_headers_type;
extern const ValueType condition_type;
extern const ValueType acls_type;
extern const ValueType template_type;
extern const ValueType stored_data_type;
extern const ValueType tls_ignored_errors_type;

inline constexpr TypeFor<bool> as_boolean{&boolean_type};
inline constexpr TypeFor<std::optional<bool>> as_optional_boolean{&optional_boolean_type};
inline constexpr TypeFor<std::uint32_t> as_count{&count_type};
inline constexpr TypeFor<std::uint32_t> as_count_or_auto{&count_or_auto_type};  // "auto" is 0
inline constexpr TypeFor<std::uint32_t> as_count_or_zero{&count_or_zero_type};  // bounds hold for the rest
inline constexpr TypeFor<std::int64_t> as_duration{&duration_type};
inline constexpr TypeFor<std::int64_t> as_whole_seconds{&whole_seconds_type};
inline constexpr TypeFor<std::uint32_t> as_size{&size_type};
inline constexpr TypeFor<std::uint32_t> as_file_mode{&file_mode_type};
inline constexpr TypeFor<std::uint32_t> as_index_word{&index_word_type};  // position in the row's words
inline constexpr TypeFor<std::string> as_name{&name_type};
inline constexpr TypeFor<std::string> as_bind_name{&bind_name_type};  // or none
inline constexpr TypeFor<std::string> as_interface{&interface_type};
inline constexpr TypeFor<std::uint32_t> as_backend_choice{&backend_choice_type};  // of a whole UseBackend
inline constexpr TypeFor<std::uint32_t> as_backend_reference{&backend_reference_type};
inline constexpr TypeFor<Address> as_bind_address{&bind_address_type};
inline constexpr TypeFor<Address> as_admin_address{&admin_address_type};
inline constexpr TypeFor<Address> as_server_address{&server_address_type};
inline constexpr TypeFor<Address> as_check_address{&check_address_type};
inline constexpr TypeFor<Track> as_track{&track_type};
inline constexpr TypeFor<std::string> as_line{&line_type};        // one line of text
inline constexpr TypeFor<std::string> as_content{&content_type};  // any text
inline constexpr TypeFor<std::string> as_bytes{&bytes_type};      // written in hexadecimal
inline constexpr TypeFor<std::string> as_regex{&regex_type};
inline constexpr TypeFor<SourceAddress> as_source_address{&source_address_type};
inline constexpr TypeFor<TransparentSource> as_transparent{&transparent_type};  // of a whole Source
inline constexpr TypeFor<std::optional<std::uint8_t>> as_tos{&tos_type};        // a number, or a DSCP's name
inline constexpr TypeFor<LogTarget> as_log_destination{&log_destination_type};
inline constexpr TypeFor<LogTarget> as_frontend_log_destination{&frontend_log_destination_type};
inline constexpr TypeFor<logfmt::LogSample> as_log_sample{&log_sample_type};
inline constexpr TypeFor<std::string> as_log_format{&log_format_type};  // a word, or a text with % in it
inline constexpr TypeFor<std::string> as_error_log_format{&error_log_format_type};  // may be absent
inline constexpr TypeFor<Check> as_check_type{&check_type_type};  // what another type left is forgotten
inline constexpr TypeFor<std::string> as_http_method{&http_method_type};
inline constexpr TypeFor<std::string> as_http_host{&http_host_type};
inline constexpr TypeFor<std::vector<check::HttpHeader>> as_http_headers{&http_headers_type};
inline constexpr TypeFor<AcceptProxy> as_accept_proxy{&accept_proxy_type};  // true, false, or networks
inline constexpr TypeFor<base::Network> as_network{&network_type};
inline constexpr TypeFor<Mode> as_mode{
    &mode_type};  // a faulty one counts as http, where more keys mean something
inline constexpr TypeFor<AcceptInvalidSet> as_accept_invalid{&word_set_type};
inline constexpr TypeFor<RetryOn> as_retry_on{&retry_on_type};
inline constexpr TypeFor<std::string> as_token{&token_type};        // the name of a header field or a cookie
inline constexpr TypeFor<std::string> as_uri_path{&uri_path_type};  // begins with a slash
inline constexpr TypeFor<std::string> as_domain{&domain_type};
inline constexpr TypeFor<std::string> as_cookie_value{&cookie_value_type};
inline constexpr TypeFor<std::string> as_cookie_beginning{&cookie_beginning_type};
inline constexpr TypeFor<std::string> as_cookie_attribute{&cookie_attribute_type};
inline constexpr TypeFor<std::vector<ErrorFile>> as_error_files{&error_files_type};
inline constexpr TypeFor<std::uint32_t> as_error_group_reference{&error_group_reference_type};
inline constexpr TypeFor<std::string> as_condition{&condition_type};
inline constexpr TypeFor<std::string> as_template{&template_type};  // text with %[EXPRESSION]s
inline constexpr TypeFor<std::vector<Acl>> as_acls{&acls_type};

inline constexpr TypeFor<TlsIgnoredErrors> as_tls_ignored_errors{&tls_ignored_errors_type};
inline constexpr TypeFor<stick::StoredData> as_stored_data{&stored_data_type};
/// "http_req_rate(10s)".
std::string stored_text(const stick::StoredData& stored);

/// An enumeration of one byte; its values are positions in the row's words.
template <class Enum>
constexpr TypeFor<Enum> as_word() {
  static_assert(sizeof(Enum) == 1);
  return {&enum_word_type};
}

/// The statuses that have a built-in error page, which a file may replace.
std::span<const std::uint16_t> error_page_statuses();

/// Syslog's facilities and levels; a position is the number.
std::span<const std::string_view> syslog_facilities();
std::span<const std::string_view> syslog_levels();
/// The words of LogLevel: those and `silent`.
std::span<const std::string_view> rule_log_levels();
/// The words of logfmt::SyslogForm.
std::span<const std::string_view> syslog_forms();

inline constexpr std::size_t name_length_max = 128;
inline constexpr std::string_view name_pattern = "^[A-Za-z0-9_.:-]{1,128}$";

/// Whether this may name a frontend, a backend or a server.
bool is_name(std::string_view text);
inline constexpr std::string_view name_fault =
    "a name is made of letters, digits and any of _ . : -, at most 128 of them";

/// Whether this may name a header field (RFC 9110, 5.6.2).
bool is_token(std::string_view text);

/// Reports a value of the wrong kind: "expected WANTED, found a number". Always false.
bool refuse_kind(DecodeContext& context, const Node& node, const std::string& path, std::string_view wanted);

}  // namespace corelane::config
