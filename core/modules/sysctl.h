/* sysctl: the files under /proc/sys/net, and how their names are written. /proc/sys/net shows
 * whoever looks the settings of the namespace he is in, so everything here enters it. Knows no
 * lua.h. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { SYSCTL_PATH = 512 };

/* The path of a key as sysctl(8) takes it: net.ipv4.ip_forward, net/ipv4/ip_forward; the separator
 * is the first of the two that appears, and the other one stands for a dot or a slash within a
 * name: net.ipv4.conf.eth0/100.forwarding. -EINVAL when it is none, -ENAMETOOLONG, -EXDEV when it
 * is not under net and so does not belong to a namespace. */
int sysctl_path(const char *key, char ret[SYSCTL_PATH]);
/* The key of a path, with dots. */
void sysctl_key(const char *path, char ret[SYSCTL_PATH]);

/* Reads the text, without its last newline, of which `size` bytes have room: 0 and *ret_len, -E2BIG
 * when it is longer, or -errno. */
__attribute__((warn_unused_result)) int sysctl_read(int netns, const char *path, char *ret,
                                                    size_t size, size_t *ret_len);
__attribute__((warn_unused_result)) int sysctl_write(int netns, const char *path, const char *text,
                                                     size_t len);
/* Whether somebody may write the file: not those that only inform. */
bool sysctl_is_writable(int netns, const char *path);

/* Pairs of strings, each with its zero byte. */
struct sysctl_texts {
  char *bytes;
  size_t len, cap;
};
/* Appends path and text of every file under the path that can be read, or of the file itself. */
__attribute__((warn_unused_result)) int sysctl_collect(int netns, const char *path,
                                                       struct sysctl_texts *l);
/* Finds out why there is no such path: puts the longest part that exists into ret_known, appends
 * what that has in it (the first of each pair), and if the path would exist with one of its slashes
 * written as a dot, puts that into ret_meant, else "". */
__attribute__((warn_unused_result)) int sysctl_search(int netns, const char *path,
                                                      char ret_known[SYSCTL_PATH],
                                                      char ret_meant[SYSCTL_PATH],
                                                      struct sysctl_texts *l);
/* Safe twice. */
void sysctl_texts_free(struct sysctl_texts *l);
