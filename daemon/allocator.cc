// SPDX-License-Identifier: Apache-2.0

// How jemalloc is to work, read by it before `main` (jemalloc(3), "TUNING"): what is freed goes back
// to the system after a second, also while nothing else happens. Its own default keeps it for ten,
// and for ever in a process that rests.
//
// A record is made on a worker and freed by the journal's thread, which the C library's allocator
// does at the price of a lock and a search each time.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
