// Swift cannot call variadic C functions nor see macros that cast: one typed wrapper for each kind of call.
#pragma once
#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>
// What libcurl's sockets are watched with, which the module of the C library leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static const size_t meshdeck_curl_pause = CURL_WRITEFUNC_PAUSE;

static inline CURLcode meshdeck_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }

static inline CURLcode meshdeck_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode meshdeck_curl_set_size(CURL *easy, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(easy, option, value);
}

/// libcurl copies the text, but for CURLOPT_POSTFIELDS.
static inline CURLcode meshdeck_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode meshdeck_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

/// libcurl does not copy the list: it must outlive the transfer.
static inline CURLcode meshdeck_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(easy, option, value);
}

/// libcurl copies the bytes.
static inline CURLcode meshdeck_curl_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return curl_easy_setopt(easy, option, &blob);
}

static inline CURLcode meshdeck_curl_set_callback(CURL *easy, CURLoption option, curl_write_callback value) {
  return curl_easy_setopt(easy, option, value);
}

static inline curl_socket_t meshdeck_curl_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)context;
  (void)purpose;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Sockets are not handed down to the programs that the process starts.
static inline CURLcode meshdeck_curl_close_sockets_on_exec(CURL *easy) {
  return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, meshdeck_curl_open_socket);
}

static inline CURLcode meshdeck_curl_get_long(CURL *easy, CURLINFO which, long *value) {
  return curl_easy_getinfo(easy, which, value);
}

static inline CURLcode meshdeck_curl_get_pointer(CURL *easy, CURLINFO which, void **value) {
  return curl_easy_getinfo(easy, which, value);
}

static inline CURLMcode meshdeck_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

/// `context` is what both are called with: it must outlive the handle.
static inline CURLMcode meshdeck_curl_multi_set_callbacks(
    CURLM *multi, curl_socket_callback socket, curl_multi_timer_callback timer, void *context) {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  return curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
}
