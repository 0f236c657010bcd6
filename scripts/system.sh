#!/bin/sh
# Installs what the tests need from Debian, where this is root; elsewhere says how to, and goes on:
# a test that lacks its program is skipped, with its reason.
# Chromium comes with the first test that uses it.
set -eu

missing=
for package in apache2-bin curl dovecot-imapd dovecot-lmtpd dovecot-sieve fonts-dejavu-core \
    libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 mariadb-client mariadb-server-core nginx-light openssl poppler-utils \
    postfix postgresql; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not installed:$missing. Tests that need it are skipped. On Debian: sudo $install"
    exit 0
fi

# Tests start their own servers: the package must not start one, now or at the next boot.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # $install is a command with its words.
$install -qq -o DPkg::Lock::Timeout=120
case $missing in
*nginx*) [ ! -d /run/systemd/system ] || systemctl disable nginx ;;
esac
case $missing in
*dovecot* | *postfix* | *postgresql*)
    [ ! -d /run/systemd/system ] || systemctl disable dovecot postfix postgresql
    ;;
esac
