function cookieOf(name) {
  var found = document.cookie.match('(^|;)\\s*' + name + '\\s*=\\s*([^;]+)');
  return found ? decodeURIComponent(found.pop()) : '';
}
function accept() {
  document.cookie = 'consent=all; path=/; max-age=31536000; SameSite=Lax';
  var s = document.createElement('script'); s.src = 'https://tags.example/gtm.js?id=GTM-0'; document.head.appendChild(s);
  document.getElementById('consent').remove();
}
if (cookieOf('consent') === 'all') accept();
else document.getElementById('consent').hidden = false;
