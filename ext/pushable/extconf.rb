# frozen_string_literal: true

require "mkmf"

if ARGV.include?("--help")
  puts <<~TEXT
    Options of Pushable's build:
      --with-curl-dir=DIR, --with-curl-include=DIR, --with-curl-lib=DIR   where libcurl is, when pkg-config does not know
      --with-yajl-dir=DIR, --with-yajl-include=DIR, --with-yajl-lib=DIR   the same for yajl
      --with-sanitize=address,undefined   for tests: whatever these sanitizers find ends the process
      PUSHABLE_PEDANTIC=1   (environment) warnings are errors, with debug information
  TEXT
  exit
end

def refuse(library, minimum)
  abort <<~TEXT

    Pushable needs #{library} #{minimum} with its headers, and they were not found. Install them:
      Debian, Ubuntu:  apt install libcurl4-openssl-dev libyajl-dev
      Fedora, RHEL:    dnf install libcurl-devel yajl-devel
      macOS:           brew install curl yajl
    or say where they are: --with-#{library == "libcurl" ? "curl" : "yajl"}-dir=DIR. What was tried is in mkmf.log.
  TEXT
end

pkg_config("libcurl") || dir_config("curl")
# curl_multi_wakeup came with 7.68; the courier is woken by it.
unless have_header("curl/curl.h") && have_library("curl", "curl_multi_wakeup", "curl/curl.h")
  refuse("libcurl", "7.68 or newer")
end

pkg_config("yajl") || dir_config("yajl")
# yajl_gen_alloc's form with a configuration call is yajl 2.
refuse("yajl", "2") unless have_header("yajl/yajl_gen.h") && have_library("yajl", "yajl_gen_config", "yajl/yajl_gen.h")

# Before the flags: mkmf's own programs are not free of warnings.
have_func("rb_hash_new_capa", "ruby.h") # Ruby 3.2+

append_cflags(%w[-std=gnu11 -fvisibility=hidden -Wall -Wno-unused-parameter -Wextra]) # in this order
append_cflags(%w[-Werror -g -O1]) if ENV["PUSHABLE_PEDANTIC"]

if (sanitizers = with_config("sanitize"))
  $CFLAGS << " -fsanitize=#{sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1"
  $DLDFLAGS << " -fsanitize=#{sanitizers}"
  # Ruby leaves functions by a longjmp that AddressSanitizer does not see: it would go on guarding what was their stack.
  append_cflags("--param=asan-stack=0") # gcc's word for it; what clang has is "-mllvm -asan-stack=0"
end

$srcs = Dir[File.join(__dir__, "{.,core}", "*.c")].map { |path| File.basename(path) }.sort
$VPATH << "$(srcdir)/core"
$INCFLAGS << " -I$(srcdir)/core"
$headers = Dir[File.join(__dir__, "{.,core}", "*.h")] # every object depends on every header

create_makefile("pushable/pushable_ext")
