"""What can go wrong while segments are read, made certain: entries that a listing passes over, errors of it, programs that hang."""

import os
import pathlib
import shutil
import subprocess

SHIM = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
static int listing;
__attribute__((constructor)) static void begin(void) { unsetenv("LD_PRELOAD"); }
static const char *asked(const char *what) {
    char name[32];
    snprintf(name, sizeof name, "SHIM_%s_%d", what, listing);
    return getenv(name);
}
DIR *opendir(const char *path) {
    DIR *(*real)(const char *) = dlsym(RTLD_NEXT, "opendir");
    DIR *found = real(path);
    listing++;
    if (asked("RUN") && system(asked("RUN")) != 0) abort();
    return found;
}
struct dirent *readdir(DIR *open) {
    struct dirent *(*real)(DIR *) = dlsym(RTLD_NEXT, "readdir");
    if (asked("FAIL")) { errno = EIO; return NULL; }
    struct dirent *entry;
    do entry = real(open); while (entry && asked("HIDE") && strstr(asked("HIDE"), entry->d_name));
    return entry;
}
int stat(const char *path, struct stat *status) {
    int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, "stat");
    const char *ending = getenv("SHIM_STAT");
    size_t length = ending ? strlen(ending) : 0, whole = strlen(path);
    if (length && whole >= length && strcmp(path + whole - length, ending) == 0) {
        unsetenv("SHIM_STAT");
        if (system(getenv("SHIM_DO")) != 0) abort();
    }
    return real(path, status);
}
"""

# Programs that decompress and do not go on: says nothing; half a line; all, and does not end.
HANGS = ("exec sleep 1000", "printf '{\"recv'; exec sleep 1000", "/bin/gzip -dc; exec 1>&-; exec sleep 1000")


def build_shim(folder):
    """Compiles it into a folder; Swift's own clang will do where there is no other compiler."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise AssertionError("neither cc nor clang is in PATH; the Swift toolchain has clang")
    shim = os.path.join(folder, "shim.so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, "-x", "c", "-", "-ldl"], input=SHIM.encode(), check=True)
    return shim


def disturbed(shim, **asked):
    """The environment of a program whose listings are to be disturbed: `RUN_1` a command at the first, `HIDE_2` names for the second, `FAIL_1`."""
    return {f"SHIM_{name}": text for name, text in asked.items()} | {"LD_PRELOAD": shim}


class HangingProgram:
    """A gzip in a folder for PATH that does what a shell is told."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder, "bin")
        self.begun = pathlib.Path(folder, "begun")

    def environment(self, text):
        self.folder.mkdir(exist_ok=True)
        program = self.folder / "gzip"
        program.write_text(f"#!/bin/sh\necho $$ > {self.begun}\n{text}\n")
        program.chmod(0o755)
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}

    def is_running(self):
        return os.path.exists(f"/proc/{self.begun.read_text().strip()}/exe")
