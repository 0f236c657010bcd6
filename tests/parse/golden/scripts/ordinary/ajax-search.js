jQuery.ajax({ url: '/wp-admin/admin-ajax.php', data: { action: 'search', q: decodeURIComponent(location.search.slice(3)) },
  success: function (html) { jQuery('#found').html(html); } });
