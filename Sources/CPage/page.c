#include "CPage.h"

// Of clang before C23; the compiler reads the files where they are.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char icon_svg[] = {
#embed "page/icon.svg"
};
static const unsigned char style_css[] = {
#embed "page/style.css"
};
static const unsigned char app_js[] = {
#embed "page/app.js"
};
static const unsigned char api_js[] = {
#embed "page/api.js"
};
static const unsigned char classify_js[] = {
#embed "page/classify.js"
};
static const unsigned char compare_js[] = {
#embed "page/compare.js"
};
static const unsigned char restore_js[] = {
#embed "page/restore.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char events_js[] = {
#embed "page/events.js"
};
static const unsigned char filter_js[] = {
#embed "page/filter.js"
};
static const unsigned char generate_js[] = {
#embed "page/generate.js"
};
static const unsigned char images_js[] = {
#embed "page/images.js"
};
static const unsigned char jobs_js[] = {
#embed "page/jobs.js"
};
static const unsigned char networks_js[] = {
#embed "page/networks.js"
};
static const unsigned char options_js[] = {
#embed "page/options.js"
};
static const unsigned char runs_js[] = {
#embed "page/runs.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}

static const struct page_file files[] = {
    FILE("index.html", index_html),   FILE("icon.svg", icon_svg),
    FILE("style.css", style_css),     FILE("app.js", app_js),
    FILE("api.js", api_js),           FILE("classify.js", classify_js),
    FILE("dom.js", dom_js),           FILE("filter.js", filter_js),
    FILE("generate.js", generate_js), FILE("images.js", images_js),
    FILE("networks.js", networks_js), FILE("options.js", options_js),
    FILE("runs.js", runs_js),         FILE("jobs.js", jobs_js),
    FILE("compare.js", compare_js),   FILE("restore.js", restore_js),
    FILE("events.js", events_js),
};

const struct page_file *page_files(size_t *count) {
  *count = sizeof files / sizeof files[0];
  return files;
}
