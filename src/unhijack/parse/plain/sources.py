"""Which of PHP's names bring what: requests, files, the network; and which take its sting away."""

from __future__ import annotations

import re
from functools import lru_cache

from unhijack.parse.plain.values import (
    ENCODED,
    FETCHED,
    HEADER,
    OPAQUE,
    PIECED,
    READ,
    REQUEST,
    UPLOAD,
    WHOLE,
)


def _names(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


_SECRET = re.compile(
    rb"^payment$|(?:^|[_-])pass(?:w(?:or)?d|wrd|phrase|w)?s?\d?$|passw(?:or)?d|(?:^|[_-])pwd$|(?:^|[_-]|user)pw[ds]?$"
    rb"|cc_?(?:num|no$|cid|cvv|exp|owner)|cvv2?|(?:^|[_-])(?:cvc|cid|ssn|pin)$|card_?(?:num|no$|cvv|code)|credit_?card"
)


@lru_cache(4096)
def is_secret(name: bytes) -> bool:
    """Whether a field, parameter or getter of this name holds what its owner keeps to himself."""
    return len(name) < 60 and _SECRET.search(name.lower()) is not None


SUPERGLOBALS: dict[bytes, int] = {
    b"_GET": REQUEST | WHOLE,
    b"_POST": REQUEST | WHOLE,
    b"_REQUEST": REQUEST | WHOLE,
    b"_COOKIE": REQUEST | WHOLE,
    b"_FILES": UPLOAD,
    b"_SERVER": HEADER,
    b"HTTP_GET_VARS": REQUEST,
    b"HTTP_POST_VARS": REQUEST,
    b"HTTP_COOKIE_VARS": REQUEST,
    b"HTTP_POST_FILES": UPLOAD,
    b"HTTP_SERVER_VARS": HEADER,
    b"HTTP_RAW_POST_DATA": REQUEST,
}

FROM_VISITOR = _names(
    "QUERY_STRING REQUEST_URI PATH_INFO ORIG_PATH_INFO PHP_AUTH_USER PHP_AUTH_PW PHP_AUTH_DIGEST"
    " REDIRECT_QUERY_STRING REDIRECT_URL CONTENT_TYPE"
)
"""Server variables besides ``HTTP_...`` whose text the visitor chooses."""

HARMLESS_HEADERS = _names("HTTP_HOST HTTPS HTTP_X_FORWARDED_PROTO HTTP_CLIENT_IP")

BRINGS: dict[bytes, int] = {
    b"getallheaders": REQUEST,
    b"apache_request_headers": REQUEST,
    b"filter_input": REQUEST,
    b"filter_input_array": REQUEST,
    b"base64_encode": ENCODED,
    b"str_rot13": ENCODED,
    b"bin2hex": ENCODED,
    b"gzcompress": ENCODED,
    b"openssl_encrypt": ENCODED,
    b"openssl_public_encrypt": ENCODED,
    b"curl_exec": FETCHED,
    b"curl_multi_getcontent": FETCHED,
    b"fsockopen": FETCHED,
    b"pfsockopen": FETCHED,
    b"stream_socket_client": FETCHED,
    b"socket_read": FETCHED,
    b"socket_recv": FETCHED,
    b"dns_get_record": FETCHED,
    b"wp_remote_retrieve_body": FETCHED,
    b"wp_remote_get": FETCHED,
    b"http_get": FETCHED,
    b"ftp_get": FETCHED,
    b"getdoccomment": OPAQUE,
    b"array_diff": PIECED,
    b"exif_read_data": READ,
    b"gzfile": READ,
    b"scandir": READ,
    b"readdir": READ,
    b"glob": READ,
}

READERS = _names(
    "file_get_contents fopen file readfile gzopen simplexml_load_file stream_get_contents fread fgets"
    " fgetc fgetss show_source highlight_file bzopen"
)
"""They read what their first argument names."""

ENDS = _names(
    "intval floatval doubleval count sizeof strlen mb_strlen md5 sha1 crc32 hash hash_hmac isset empty"
    " in_array array_key_exists preg_match preg_match_all strpos stripos strrpos strcmp strcasecmp"
    " strncmp strncasecmp is_array is_string is_numeric is_int is_callable is_file is_dir file_exists"
    " function_exists class_exists method_exists escapeshellarg escapeshellcmd ctype_alnum ctype_alpha"
    " ctype_digit filesize filemtime time date is_null is_bool is_object is_readable is_writable"
    " bin2hex password_verify hash_equals array_search str_starts_with str_contains uniqid rand mt_rand"
    " realpath is_uploaded_file checkdate version_compare ip2long abs round floor ceil max min"
    " number_format is_link defined extension_loaded ini_get mysqli_query mysql_query"
    " var_export wp_hash_password password_hash crypt sanitize_key absint sanitize_file_name wp_verify_nonce md5_file sha1_file array_sum"
)
"""What they give says nothing that a visitor chose."""

CODE = _names("eval assert create_function")
COMMANDS = _names("system exec shell_exec passthru popen proc_open pcntl_exec expect_popen")
CALLBACK_FIRST = _names(
    "call_user_func call_user_func_array array_map forward_static_call forward_static_call_array"
    " register_shutdown_function register_tick_function ob_start func_overload iterator_apply"
    " set_error_handler set_exception_handler spl_autoload_register header_register_callback"
)
CALLBACK_LATER = _names(
    "usort uasort uksort array_walk array_walk_recursive array_filter array_reduce array_udiff"
    " array_uintersect array_diff_ukey preg_replace_callback array_intersect_ukey mb_ereg_replace_callback"
    " array_udiff_assoc array_udiff_uassoc array_diff_uassoc array_uintersect_assoc array_intersect_uassoc"
    " array_uintersect_uassoc iterator_apply sqlite_create_function"
)
WRITERS = _names("file_put_contents fwrite fputs")
LOGS = _names("file_put_contents fwrite fputs error_log")
MAILERS = _names("mail wp_mail mb_send_mail")
QUERIES = _names(
    "mysql_query mysqli_query mysql_db_query mysql_unbuffered_query pg_query mssql_query sqlite_query oci_parse odbc_exec"
)
OPENERS = _names(
    "file_get_contents fopen curl_init wp_remote_get wp_remote_post get_headers readfile file copy fsockopen curl_setopt"
    " gethostbyname dns_get_record"
)
"""They can carry something to an address."""
MOVERS = _names("move_uploaded_file copy rename")
DANGEROUS = (
    CODE
    | COMMANDS
    | _names(
        "preg_replace base64_decode gzinflate gzuncompress str_rot13 file_put_contents fwrite move_uploaded_file"
        " call_user_func call_user_func_array array_map array_filter curl_exec fopen file_get_contents"
        " copy unlink chmod rename phpinfo mail unserialize set_time_limit ini_set error_reporting strrev hex2bin"
        " md5 curl_init usort uasort array_walk preg_replace_callback pack chr ord extract parse_str"
    )
)
"""Nobody has a reason to hide that these are called."""
