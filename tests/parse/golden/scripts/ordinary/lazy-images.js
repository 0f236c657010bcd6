document.addEventListener("DOMContentLoaded", function () {
  var images = [].slice.call(document.querySelectorAll("img.lazy"));
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) { if (entry.isIntersecting) { entry.target.src = entry.target.dataset.src; seen.unobserve(entry.target); } });
  });
  images.forEach(function (image) { seen.observe(image); });
});
