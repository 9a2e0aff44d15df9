// What ThreadSanitizer cannot judge: libraries of Debian that are built without
// it and that it sees halves of.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb.so\n";
}
