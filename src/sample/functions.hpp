// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/registry.hpp"

/// What the rows of the registry point to. Fetches are in fetches_*.cpp, converters in converters_*.cpp.
namespace corelane::sample {

// Constants and the process
FetchFunction fetch_true, fetch_false, fetch_bool, fetch_int, fetch_str, fetch_bin, fetch_address, fetch_meth,
    fetch_date, fetch_date_us, fetch_rand, fetch_uuid, fetch_env, fetch_hostname, fetch_one, fetch_thread,
    fetch_stopping, fetch_pid, fetch_accept_date, fetch_txn_id, fetch_unique_id;

// The request as a whole
FetchFunction fetch_baseq, fetch_base32, fetch_base32_src, fetch_url32, fetch_url32_src, fetch_url_ip,
    fetch_url_port, fetch_fields, fetch_fields_binary;  // or of the response

// The connection
FetchFunction fetch_src, fetch_src_port, fetch_src_is_local, fetch_dst, fetch_dst_port, fetch_dst_is_local,
    fetch_http_major, fetch_fc_rcvd_proxy, fetch_fc_pp_authority, fetch_fc_pp_unique_id, fetch_fc_rtt,
    fetch_fc_rttvar, fetch_fc_unacked, fetch_fc_sacked, fetch_fc_lost, fetch_fc_retrans, fetch_fc_fackets,
    fetch_fc_reordering, fetch_so_id, fetch_so_name, fetch_bc_src, fetch_bc_src_port, fetch_bc_dst,
    fetch_bc_dst_port, fetch_fc_src, fetch_fc_src_port, fetch_fc_src_is_local, fetch_fc_dst,
    fetch_fc_dst_port, fetch_fc_dst_is_local, fetch_dst_conn, fetch_fc_err, fetch_fc_err_str, fetch_bc_err,
    fetch_bc_err_str;

// The first bytes of a connection
FetchFunction fetch_wait_end, fetch_len, fetch_payload, fetch_payload_lv, fetch_ssl_hello_type, fetch_ssl_sni,
    fetch_ssl_ver, fetch_ssl_alpn, fetch_ssl_st_ext, fetch_ssl_ec_ext, fetch_proto_http, fetch_rdp_cookie,
    fetch_rdp_cookie_count;

// TLS
FetchFunction fetch_ssl_fc, fetch_ssl_fc_sni, fetch_ssl_fc_has_sni, fetch_ssl_fc_alpn, fetch_ssl_fc_cipher,
    fetch_ssl_fc_protocol, fetch_ssl_fc_curve, fetch_ssl_fc_session_id, fetch_ssl_fc_is_resumed,
    fetch_ssl_fc_has_early, fetch_ssl_fc_has_crt, fetch_ssl_fc_alg_keysize, fetch_ssl_fc_use_keysize,
    fetch_ssl_fc_unique_id, fetch_ssl_fc_client_random, fetch_ssl_fc_server_random, fetch_ssl_fc_err_str,
    fetch_ssl_c_used, fetch_ssl_c_verify, fetch_ssl_c_err, fetch_ssl_c_ca_err, fetch_ssl_c_ca_err_depth,
    fetch_ssl_c_chain_der, fetch_ssl_c_der, fetch_ssl_c_s_dn, fetch_ssl_c_i_dn, fetch_ssl_c_notbefore,
    fetch_ssl_c_notafter, fetch_ssl_c_serial, fetch_ssl_c_sha1, fetch_ssl_c_version, fetch_ssl_c_sig_alg,
    fetch_ssl_c_key_alg, fetch_ssl_f_der, fetch_ssl_f_s_dn, fetch_ssl_f_i_dn, fetch_ssl_f_notbefore,
    fetch_ssl_f_notafter, fetch_ssl_f_serial, fetch_ssl_f_sha1, fetch_ssl_f_version, fetch_ssl_f_sig_alg,
    fetch_ssl_f_key_alg;

// fetches_tls_hello.cpp
FetchFunction fetch_ssl_fc_cipherlist_bin, fetch_ssl_fc_cipherlist_hex, fetch_ssl_fc_cipherlist_str,
    fetch_ssl_fc_cipherlist_xxh, fetch_ssl_fc_extlist_bin, fetch_ssl_fc_eclist_bin,
    fetch_ssl_fc_ecformats_bin, fetch_ssl_fc_protocol_hello_id;

// fetches_tls_server.cpp
FetchFunction fetch_ssl_bc, fetch_ssl_bc_alpn, fetch_ssl_bc_cipher, fetch_ssl_bc_protocol, fetch_ssl_bc_curve,
    fetch_ssl_bc_session_id, fetch_ssl_bc_is_resumed, fetch_ssl_bc_alg_keysize, fetch_ssl_bc_use_keysize,
    fetch_ssl_bc_unique_id, fetch_ssl_bc_client_random, fetch_ssl_bc_server_random, fetch_ssl_bc_err_str,
    fetch_ssl_s_chain_der, fetch_ssl_s_der, fetch_ssl_s_s_dn, fetch_ssl_s_i_dn, fetch_ssl_s_notbefore,
    fetch_ssl_s_notafter, fetch_ssl_s_serial, fetch_ssl_s_sha1, fetch_ssl_s_version, fetch_ssl_s_sig_alg,
    fetch_ssl_s_key_alg;

// Frontends, backends, servers
FetchFunction fetch_act_conn, fetch_fe_id, fetch_fe_name, fetch_fe_defbe, fetch_fe_client_timeout,
    fetch_fe_conn, fetch_fe_sess_rate, fetch_fe_req_rate;
FetchFunction fetch_be_id, fetch_be_name, fetch_be_server_timeout, fetch_be_tunnel_timeout, fetch_be_conn,
    fetch_be_conn_free, fetch_be_sess_rate, fetch_nbsrv, fetch_connslots, fetch_queue, fetch_avg_queue;
FetchFunction fetch_srv_id, fetch_srv_name, fetch_srv_is_up, fetch_srv_conn, fetch_srv_conn_free,
    fetch_srv_queue, fetch_srv_sess_rate, fetch_srv_weight, fetch_srv_uweight, fetch_srv_iweight;

// What rules have made of it
FetchFunction fetch_cur_client_timeout, fetch_cur_server_timeout, fetch_cur_tunnel_timeout, fetch_prio_class,
    fetch_prio_offset, fetch_last_rule_file, fetch_last_rule_line;

// Bodies
FetchFunction fetch_body, fetch_body_len, fetch_body_size, fetch_body_param;

// What was captured of a request
FetchFunction fetch_captured;

// The request line
FetchFunction fetch_method, fetch_url, fetch_path, fetch_pathq, fetch_query, fetch_base, fetch_version,
    fetch_first_request, fetch_status, fetch_url_param, fetch_url_param_value;

// The request's fields
FetchFunction fetch_header, fetch_header_ip, fetch_header_value, fetch_header_count, fetch_field,
    fetch_field_count, fetch_header_names, fetch_cookie, fetch_cookie_value, fetch_cookie_count;

// Who the client says it is
FetchFunction fetch_http_auth, fetch_http_auth_group, fetch_http_auth_type, fetch_http_auth_user,
    fetch_http_auth_pass, fetch_http_auth_bearer;

// Variables
FetchFunction fetch_var;
ConvertInContextFunction convert_set_var, convert_unset_var;

// The process (converters_process.cpp)
ConvertInContextFunction convert_capture_req, convert_capture_res, convert_debug, convert_nbsrv,
    convert_srv_queue;

ConvertFunction convert_lower, convert_upper, convert_length, convert_bytes, convert_field, convert_word,
    convert_ltrim, convert_rtrim, convert_regsub;
ConvertFunction convert_map;
ConvertInContextFunction convert_add, convert_sub, convert_mul, convert_div, convert_mod, convert_and,
    convert_or, convert_xor;
ConvertFunction convert_neg, convert_cpl, convert_bool, convert_not, convert_odd, convert_even;
ConvertInContextFunction convert_concat, convert_add_item, convert_strcmp, convert_secure_memcmp,
    convert_hmac, convert_aes_gcm_dec, convert_jwt_verify, convert_ltime, convert_ms_ltime, convert_us_ltime;
ConvertFunction convert_be2dec, convert_be2hex, convert_ub64enc, convert_ub64dec, convert_url_enc,
    convert_htonl, convert_cut_crlf, convert_iif;
ConvertFunction convert_sha1, convert_sha2, convert_digest, convert_crc32c, convert_xxh32, convert_xxh64,
    convert_xxh3;
ConvertFunction convert_rfc7239_is_valid, convert_rfc7239_field, convert_rfc7239_n2nn, convert_rfc7239_n2np;
ConvertFunction convert_host_only, convert_port_only, convert_language, convert_http_date, convert_utime,
    convert_ms_utime, convert_us_utime;
ConvertFunction convert_json, convert_json_query, convert_jwt_header_query, convert_jwt_payload_query;
ConvertFunction convert_hex, convert_hex2i, convert_base64, convert_b64dec, convert_url_dec, convert_crc32,
    convert_djb2, convert_sdbm, convert_wt6, convert_ipmask;

/// Fields of the message that the phase is about.
const proto::HttpFields& head_fields(const Input& input);

/// What an arithmetic converter calculates with. False: a variable that has no integer.
bool read_operand(const Argument& argument, const Input& input, std::int64_t& operand);

}  // namespace corelane::sample
