// Our own rules: short words joined by conditions, no long repetitions. `kind` and `confidence`
// are what a mark takes from them; `reason` is the sentence that people read.

rule php_behind_a_picture_head
{
    meta:
        kind = "backdoor"
        confidence = "0.7"
        reason = "Begins as a picture and goes on as PHP."
    strings:
        $tag = "<?php" nocase
        $run1 = "eval(" nocase
        $run2 = "$_POST["
        $run3 = "$_GET["
        $run4 = "$_REQUEST["
        $run5 = "base64_decode(" nocase
        $run6 = "system(" nocase
    condition:
        filesize < 2MB and $tag and any of ($run*)
        and (uint32be(0) == 0x47494638 or uint32be(0) == 0x89504E47 or uint16be(0) == 0xFFD8)
}

rule php_says_what_a_shell_says
{
    meta:
        kind = "webshell"
        confidence = "0.6"
        reason = "Has the words of a page from which a server is commanded."
    strings:
        $tag = "<?"
        $ask1 = "$_POST"
        $ask2 = "$_GET"
        $ask3 = "$_REQUEST"
        $ask4 = "$HTTP_POST_VARS"
        $run1 = "shell_exec" nocase
        $run2 = "passthru" nocase
        $run3 = "proc_open" nocase
        $run4 = "popen(" nocase
        $about1 = "safe_mode" nocase
        $about2 = "disable_functions" nocase
        $about3 = "php_uname" nocase
        $about4 = "posix_getpwuid" nocase
        $about5 = "disk_free_space" nocase
        $does1 = "/etc/passwd"
        $does2 = "fileperms" nocase
        $does3 = "chmod" nocase
        $does4 = "move_uploaded_file" nocase
        $does5 = "phpinfo()" nocase
        $style1 = "<textarea" nocase
        $style2 = "<form" nocase
    condition:
        filesize < 1MB and $tag and any of ($ask*) and 2 of ($run*) and 2 of ($about*)
        and 2 of ($does*) and any of ($style*)
}

rule php_runs_what_it_inflates
{
    meta:
        kind = "backdoor"
        confidence = "0.8"
        reason = "Runs what it has inflated from a text."
    strings:
        $a = "eval(gzinflate(base64_decode(" nocase
        $b = "eval(gzuncompress(base64_decode(" nocase
        $c = "eval(gzinflate(str_rot13(base64_decode(" nocase
        $d = "eval(str_rot13(gzinflate(base64_decode(" nocase
        $e = "eval(gzuncompress(str_rot13(base64_decode(" nocase
    condition:
        filesize < 4MB and any of them
}
