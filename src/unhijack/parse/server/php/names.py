"""Names of PHP that the rules know, by what they do."""

from unhijack.parse.server.php.values import (
    ADDRESS,
    AGENT,
    ASKED,
    BUFFER,
    BUILT,
    CHANCE,
    COOKIE,
    DECODED,
    EVERYTHING,
    FETCHED,
    FILE,
    HASHED,
    HOST,
    LANGUAGE,
    MOBILE_TEST,
    NUMBER,
    PARSED,
    PLACE,
    POSTED,
    QUERY,
    REFERRER,
    SERVER,
    SESSION,
    SIGNED_IN,
    STORED,
    STRANGER,
    TIME,
    UPLOAD,
)

SUPERGLOBALS = {
    "_GET": QUERY,
    "_POST": QUERY | POSTED,
    "_REQUEST": QUERY,
    "_COOKIE": COOKIE,
    "_FILES": UPLOAD,
    "_SERVER": SERVER,
    "_ENV": SERVER,
    "_SESSION": STORED | SESSION,
    "HTTP_GET_VARS": QUERY,
    "HTTP_POST_VARS": QUERY | POSTED,
    "HTTP_COOKIE_VARS": COOKIE,
    "HTTP_SERVER_VARS": SERVER,
    "HTTP_RAW_POST_DATA": QUERY,
    "HTTP_USER_AGENT": AGENT,
    "HTTP_REFERER": REFERRER,
    "REMOTE_ADDR": ADDRESS,
    "REQUEST_URI": PLACE,
}

SERVER_KEYS = {
    "HTTP_USER_AGENT": AGENT,
    "HTTP_REFERER": REFERRER,
    "REMOTE_ADDR": ADDRESS,
    "REMOTE_HOST": ADDRESS,
    "HTTP_X_FORWARDED_FOR": ADDRESS,
    "HTTP_CLIENT_IP": ADDRESS,
    "HTTP_X_REAL_IP": ADDRESS,
    "HTTP_CF_CONNECTING_IP": ADDRESS,
    "HTTP_CF_IPCOUNTRY": ADDRESS,
    "HTTP_X_FORWARDED": ADDRESS,
    "HTTP_FORWARDED_FOR": ADDRESS,
    "HTTP_FORWARDED": ADDRESS,
    "GEOIP_COUNTRY_CODE": ADDRESS,
    "HTTP_ACCEPT_LANGUAGE": LANGUAGE,
    "HTTP_HOST": HOST,
    "SERVER_NAME": HOST,
    "HTTP_COOKIE": COOKIE,
    "REQUEST_URI": PLACE,
    "QUERY_STRING": PLACE,
    "SCRIPT_NAME": PLACE,
    "PHP_SELF": PLACE,
    "PATH_INFO": PLACE,
    "SCRIPT_URI": PLACE,
    "REDIRECT_URL": PLACE,
    "HTTP_X_WAP_PROFILE": AGENT,
    "HTTP_PROFILE": AGENT,
    "ALL_HTTP": AGENT,
    "HTTP_SEC_CH_UA": AGENT,
    "HTTP_SEC_CH_UA_MOBILE": AGENT,
    "HTTP_SEC_CH_UA_PLATFORM": AGENT,
    "USER-AGENT": AGENT,
    "REFERER": REFERRER,
    "HOST": HOST,
    "ACCEPT-LANGUAGE": LANGUAGE,
    "X-FORWARDED-FOR": ADDRESS,
}

ORDINARY_HEADERS = frozenset(
    {
        *("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_CHARSET", "HTTP_CONNECTION"),
        *("HTTP_X_REQUESTED_WITH", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"),
        *("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION", "HTTP_ORIGIN"),
        *("HTTP_VIA", "HTTP_RANGE", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_SSL", "HTTP_DNT"),
        *("HTTP_CACHE_CONTROL", "HTTP_FRONT_END_HTTPS", "HTTP_CF_VISITOR", "HTTP_PURPOSE"),
    }
)

GIVES = {
    "getallheaders": SERVER | EVERYTHING,
    "apache_request_headers": SERVER | EVERYTHING,
    "gethostbyaddr": ADDRESS,
    "geoip_country_code_by_name": ADDRESS,
    "geoip_country_code_by_addr": ADDRESS,
    "geoip_record_by_name": ADDRESS,
    "get_browser": AGENT,
    "wp_is_mobile": MOBILE_TEST,
    "wp_get_referer": REFERRER,
    "wp_get_raw_referer": REFERRER,
    "dns_get_record": FETCHED | ASKED,
    "dns_get_txt": FETCHED | ASKED,
    "is_user_logged_in": SIGNED_IN | STRANGER,
    "is_admin": SIGNED_IN,
    "is_super_admin": SIGNED_IN,
    "current_user_can": SIGNED_IN | STRANGER,
    "wp_get_current_user": SIGNED_IN,
    "get_current_user_id": SIGNED_IN,
    "get_option": STORED,
    "get_site_option": STORED,
    "get_transient": STORED,
    "get_post_meta": STORED,
    **dict.fromkeys(
        "get_comment get_comments get_user_meta get_term_meta get_post_field variable_get".split(),
        STORED,
    ),
    "get_theme_mod": STORED,
    **dict.fromkeys(
        "mysqli_query mysqli_fetch_assoc mysqli_fetch_row mysqli_fetch_array mysqli_fetch_object"
        " mysqli_fetch_all mysql_query mysql_fetch_assoc mysql_fetch_row mysql_fetch_array"
        " mysql_fetch_object mysql_result pg_query pg_fetch_assoc pg_fetch_row pg_fetch_array"
        " pg_fetch_object sqlite_query sqlite_fetch_array odbc_fetch_array".split(),
        STORED,
    ),
    "home_url": HOST,
    "site_url": HOST,
    "get_home_url": HOST,
    "get_site_url": HOST,
    "get_bloginfo": HOST,
    "admin_url": HOST,
    "wp_login_url": HOST,
    "network_site_url": HOST,
    "get_permalink": HOST,
    "network_home_url": HOST,
    "php_uname": SERVER,
    "getenv": SERVER,
    "time": TIME,
    "date": TIME,
    "gmdate": TIME,
    "localtime": TIME,
    "getdate": TIME,
    "current_time": TIME,
    "rand": CHANCE,
    "mt_rand": CHANCE,
    "wp_rand": CHANCE,
    "random_int": CHANCE,
    "array_rand": CHANCE,
    "shuffle": CHANCE,
    "uniqid": CHANCE,
    "lcg_value": CHANCE,
    "json_decode": PARSED,
    "unserialize": PARSED,
    "maybe_unserialize": PARSED,
    "simplexml_load_string": PARSED,
    "md5": HASHED,
    "sha1": HASHED,
    "crc32": HASHED | NUMBER,
    "hash": HASHED,
    "intval": NUMBER,
    "escapeshellarg": NUMBER,  # no more than a number can it say what is run
    "count": NUMBER,
    "strlen": NUMBER,
    "ord": NUMBER,
    "ip2long": NUMBER,
    **dict.fromkeys(("isset", "empty", "in_array", "is_string", "is_array", "is_null"), NUMBER),
    **dict.fromkeys(("function_exists", "class_exists", "array_key_exists", "is_numeric"), NUMBER),
    "filesize": NUMBER | FILE,
    "file_exists": FILE,
    "is_file": FILE,
    "filemtime": FILE | TIME,
    "glob": FILE,
    "scandir": FILE,
    **dict.fromkeys(("exif_read_data", "read_exif_data", "iptcparse", "iptcembed"), FILE),
    **dict.fromkeys(("ob_get_clean", "ob_get_contents", "ob_get_flush"), BUFFER),
    "chr": BUILT,
    "pack": BUILT | DECODED,
}

DECODERS = frozenset(
    {
        *("base64_decode", "gzinflate", "gzuncompress", "gzdecode", "str_rot13", "hex2bin"),
        *("convert_uudecode", "strrev", "bzdecompress", "zlib_decode", "openssl_decrypt"),
        *("mcrypt_decrypt", "urldecode", "rawurldecode", "quoted_printable_decode"),
        *("convert_uuencode", "html_entity_decode", "htmlspecialchars_decode", "mcrypt_decode"),
    }
)
STRONG_DECODERS = DECODERS - {
    *("urldecode", "rawurldecode", "html_entity_decode", "htmlspecialchars_decode"),
    *("quoted_printable_decode",),
}

KEEPS_TEXT = frozenset(
    {
        *("trim", "strval", "ltrim", "rtrim", "esc_url", "esc_url_raw", "stripslashes", "nl2br"),
        *(
            "htmlspecialchars",
            "htmlentities",
            "esc_html",
            "esc_attr",
            "array_values",
            "array_merge",
        ),
        *(
            "apply_filters",
            "urlencode_deep",
            "wp_kses_post",
            "stripcslashes",
            "sanitize_text_field",
        ),
        *("chop", "utf8_decode", "utf8_encode", "wp_unslash", "set_url_scheme", "sprintf"),
        *("add_query_arg", "current", "end", "reset", "array_shift", "array_pop", "array_unique"),
    }
)

EXECUTES = frozenset(
    {"system", "exec", "shell_exec", "passthru", "popen", "proc_open", "pcntl_exec"}
)
EVALUATES = frozenset({"eval", "assert", "create_function"})
WRITES = frozenset({"file_put_contents", "fwrite", "fputs", "copy", "move_uploaded_file"})
REDIRECTS = frozenset(
    {
        *("wp_redirect", "http_redirect", "redirect", "yourls_redirect", "drupal_goto"),
        *("localredirect", "exec_header_redirect", "redirect_header", "mosredirect"),
        *("zen_redirect", "tep_redirect", "xtc_redirect", "fn_redirect", "js_redirect"),
    }
)
REDIRECT_CLASSES = frozenset({"redirectresponse", "trustedredirectresponse"})
REDIRECT_METHODS = frozenset(
    {
        *("redirect", "_redirect", "setredirect", "gotourl", "redirecttourl", "away", "tourl"),
        *("withredirect", "redirecturl", "setredirecturl", "sendredirect"),
    }
)
CALLBACK_FIRST = frozenset(
    {
        *("call_user_func", "call_user_func_array", "array_map", "register_shutdown_function"),
        *("set_error_handler", "set_exception_handler", "spl_autoload_register", "ob_start"),
        *("register_tick_function", "forward_static_call", "forward_static_call_array"),
    }
)
CALLBACK_SECOND = frozenset(
    {
        *("array_filter", "array_walk", "usort", "uasort", "uksort", "array_reduce"),
        *("preg_replace_callback", "iterator_apply", "array_walk_recursive"),
        *("mb_ereg_replace_callback",),
    }
)
CALLBACK_LAST = frozenset(
    {
        *("array_udiff", "array_udiff_assoc", "array_udiff_uassoc", "array_uintersect"),
        *("array_uintersect_assoc", "array_uintersect_uassoc", "array_diff_uassoc"),
        *("array_intersect_uassoc", "array_intersect_ukey", "array_diff_ukey", "filter_var"),
        *("filter_var_array",),
    }
)
FETCHES = frozenset(
    {
        *("file_get_contents", "file", "readfile", "fopen", "copy", "simplexml_load_file"),
        *("wp_remote_get", "wp_remote_post", "wp_safe_remote_get", "wp_remote_request"),
        *("curl_init", "fsockopen", "pfsockopen", "stream_socket_client", "gzfile", "show_source"),
        *("wp_remote_fopen", "get_headers", "drupal_http_request", "http_get", "curl_get_contents"),
        *("gzopen", "getimagesize"),
    }
)
ALWAYS_REMOTE = frozenset(
    {
        *("wp_remote_get", "wp_remote_post", "wp_safe_remote_get", "wp_remote_request", "http_get"),
        *("curl_init", "fsockopen", "pfsockopen", "stream_socket_client", "wp_remote_fopen"),
        *("drupal_http_request",),
    }
)
READS_HANDLE = frozenset(
    {
        *("fgets", "fread", "stream_get_contents", "fgetc", "fpassthru", "curl_exec", "feof"),
        *("socket_read", "stream_get_line", "curl_multi_getcontent"),
    }
)
ENDS = frozenset({"wp_die", "exit", "die", "drupal_exit", "jexit"})
HOOKS = frozenset({"add_action", "add_filter"})
MAKES_USER = frozenset({"wp_create_user", "wp_insert_user"})
ADDRESS_FILTERS = frozenset(
    {
        *("wp_redirect", "login_redirect", "logout_redirect", "the_permalink", "post_link"),
        *("page_link", "term_link", "home_url", "site_url", "option_home", "option_siteurl"),
        *("pre_option_home", "pre_option_siteurl", "redirect_canonical", "registration_redirect"),
        *("woocommerce_get_checkout_url", "woocommerce_get_cart_url", "post_type_link"),
        *("nav_menu_link_attributes", "wp_nav_menu_items"),
        *("woocommerce_login_redirect", "woocommerce_get_checkout_order_received_url"),
    }
)
"""Filters of WordPress whose answer is where a link or redirect of the site leads."""
