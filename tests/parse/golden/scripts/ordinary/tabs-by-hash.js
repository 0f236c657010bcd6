jQuery(function ($) {
  if (window.location.hash) $('.tabs a[href="' + window.location.hash + '"]').tab('show');
  $('.tabs a').on('click', function () { window.location.hash = this.hash; });
});
