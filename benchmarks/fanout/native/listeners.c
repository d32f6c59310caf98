/* Many WebSocket readers in one thread: what a delivery costs them must be less than what it costs any server.

   listeners PORT REQUEST READERS FIRST MODE [GREETING]
     REQUEST   the file that holds the head of the upgrade, up to its empty line
     FIRST     how many messages a reader has to get before it has joined
     MODE      ordinal: a message is known by its place behind the mark; content: by its bytes
     GREETING  a text that each reader sends when its first message has come

   Says `joined` when all have. Then it takes one command a line:
     mark  forget what was heard                 -> ok
     stat  how much was heard since the mark     -> MESSAGES BYTES LOST
     dump  every message since the mark          -> ordinal: PLACE READERS LAST_NS; content: READERS LAST_NS FIRST_BYTE HEX
           and a line `end`; LAST_NS is when the last reader had it, by CLOCK_MONOTONIC.
   Messages are looked for every 0.2 ms at most, so LAST_NS may be late by as much. It ends with its input. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 128, READ_BYTES = 1 << 18, MOST_PLACES = 1 << 16, SLOTS = 1 << 16, EVENTS = 1024, GATHER_NS = 200000 };

struct reader {
  int fd, open, joined;
  unsigned messages, place;
  char *rest; /* the beginning of what has not come whole yet */
  size_t rest_bytes;
};

struct heard { /* one message that some readers got, by its bytes */
  uint64_t hash, last_ns;
  unsigned readers;
  unsigned char first;
  uint32_t bytes;
  char *payload;
};

static struct reader *readers;
static unsigned readers_asked, readers_begun, readers_joined, first_messages;
static int by_content, port, poll_fd;
static char request[4096], greeting[64];
static unsigned long long messages, message_bytes, lost;
static unsigned place_readers[MOST_PLACES];
static uint64_t place_last_ns[MOST_PLACES];
static struct heard heards[SLOTS], *latest;
static char input[READ_BYTES * 2];

static void fail(const char *what) {
  fprintf(stderr, "listeners: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t hash_of(const char *payload, size_t bytes) {
  uint64_t hash = bytes * 0x9E3779B97F4A7C15u, word = 0;
  for (; bytes >= 8; payload += 8, bytes -= 8) {
    memcpy(&word, payload, 8);
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 32;
  }
  word = 0;
  memcpy(&word, payload, bytes);
  return ((hash ^ word) * 0xC4CEB9FE1A85EC53u) | 1; /* 0 is an empty slot */
}

static int is_same(const struct heard *one, unsigned char first, const char *payload, size_t bytes) {
  return one->bytes == bytes && one->first == first && memcmp(one->payload, payload, bytes) == 0;
}

static struct heard *slot_of(unsigned char first, const char *payload, size_t bytes) {
  uint64_t hash = hash_of(payload, bytes);
  for (unsigned at = hash % SLOTS, looked = 0; looked < SLOTS; at = (at + 1) % SLOTS, looked++) {
    struct heard *one = &heards[at];
    if (one->hash == hash && is_same(one, first, payload, bytes)) return one;
    if (one->hash) continue;
    one->hash = hash, one->first = first, one->bytes = (uint32_t)bytes, one->payload = malloc(bytes);
    memcpy(one->payload, payload, bytes);
    return one;
  }
  errno = ENOSPC;
  fail("too many different messages");
  return NULL;
}

static void hear(struct reader *reader, unsigned char first, const char *payload, size_t bytes, uint64_t at_ns) {
  messages++, message_bytes += bytes;
  if (by_content) {
    if (!latest || !is_same(latest, first, payload, bytes)) latest = slot_of(first, payload, bytes);
    latest->readers++, latest->last_ns = at_ns;
  } else {
    unsigned place = reader->place++;
    if (place < MOST_PLACES) place_readers[place]++, place_last_ns[place] = at_ns;
  }
}

/* A client's frames carry a mask; one of zeroes leaves the bytes as they are. At most 125 bytes. */
static void say(struct reader *reader, unsigned char first, const char *payload, size_t bytes) {
  char frame[131] = {(char)first, (char)(0x80 | bytes)};
  memcpy(frame + 6, payload, bytes);
  if (send(reader->fd, frame, bytes + 6, MSG_NOSIGNAL) < 0 && errno != EAGAIN) lost++;
}

static void has_joined(struct reader *reader) {
  if (reader->joined || reader->messages < first_messages) return;
  reader->joined = 1;
  readers_joined++;
}

static void lose(struct reader *reader) {
  lost++;
  epoll_ctl(poll_fd, EPOLL_CTL_DEL, reader->fd, NULL);
  close(reader->fd);
  reader->fd = -1;
}

/* Take the whole frames; answers how many bytes they were. */
static size_t take_frames(struct reader *reader, const char *data, size_t bytes, uint64_t at_ns) {
  size_t at = 0;
  while (bytes - at >= 2) {
    const unsigned char *frame = (const unsigned char *)data + at;
    size_t head = 2, payload = frame[1] & 0x7F;
    if (payload == 126) {
      if (bytes - at < 4) break;
      payload = (size_t)frame[2] << 8 | frame[3], head = 4;
    } else if (payload == 127) {
      if (bytes - at < 10) break;
      payload = 0, head = 10;
      for (int i = 2; i < 10; i++) payload = payload << 8 | frame[i];
    }
    if (bytes - at < head + payload) break;
    const char *said = data + at + head;
    unsigned opcode = frame[0] & 0x0F;
    at += head + payload;
    if (opcode == 8) {
      lose(reader);
      return bytes;
    }
    if (opcode == 9 && payload < 126) say(reader, 0x8A, said, payload);
    if (opcode > 2) continue;
    if (++reader->messages == 1 && *greeting) say(reader, 0x81, greeting, strlen(greeting));
    if (reader->joined)
      hear(reader, frame[0], said, payload, at_ns);
    else
      has_joined(reader);
  }
  return at;
}

static size_t take_answer(struct reader *reader, char *data, size_t bytes) {
  char *end = memmem(data, bytes, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memcmp(data, "HTTP/1.1 101", 12) != 0) {
    fprintf(stderr, "listeners: refused: %.*s\n", (int)(bytes < 400 ? bytes : 400), data);
    exit(1);
  }
  reader->open = 1;
  has_joined(reader);
  return (size_t)(end - data) + 4;
}

static void keep(struct reader *reader, const char *data, size_t bytes) {
  free(reader->rest);
  reader->rest = bytes ? malloc(bytes) : NULL;
  reader->rest_bytes = bytes;
  if (bytes) memcpy(reader->rest, data, bytes);
}

static void receive(struct reader *reader) {
  size_t had = reader->rest_bytes, at = 0;
  if (had + READ_BYTES > sizeof input) fail("a message is too long");
  if (had) memcpy(input, reader->rest, had);
  ssize_t got = recv(reader->fd, input + had, READ_BYTES, 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) lose(reader);
    return;
  }
  uint64_t at_ns = now_ns();
  size_t bytes = had + (size_t)got;
  if (!reader->open) at = take_answer(reader, input, bytes);
  if (reader->open) at += take_frames(reader, input + at, bytes - at, at_ns);
  if (had || at < bytes) keep(reader, input + at, bytes - at);
}

static void begin(struct reader *reader) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct linger cut = {1, 0}; /* no TIME_WAIT: the next round needs the ports */
  int yes = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  reader->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (reader->fd < 0) fail("socket");
  setsockopt(reader->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(reader->fd, SOL_SOCKET, SO_LINGER, &cut, sizeof cut);
  if (connect(reader->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  if (send(reader->fd, request, strlen(request), MSG_NOSIGNAL) < 0) fail("send");
  fcntl(reader->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = reader};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, reader->fd, &event) < 0) fail("epoll_ctl");
}

static void mark(void) {
  for (unsigned at = 0; at < readers_asked; at++) readers[at].place = 0;
  for (unsigned at = 0; at < SLOTS; at++) free(heards[at].payload);
  memset(heards, 0, sizeof heards);
  memset(place_readers, 0, sizeof place_readers);
  messages = message_bytes = 0;
  latest = NULL;
}

static void dump(void) {
  for (unsigned at = 0; !by_content && at < MOST_PLACES && place_readers[at]; at++)
    printf("%u %u %llu\n", at, place_readers[at], (unsigned long long)place_last_ns[at]);
  for (unsigned at = 0; by_content && at < SLOTS; at++) {
    struct heard *one = &heards[at];
    if (!one->hash) continue;
    printf("%u %llu %u ", one->readers, (unsigned long long)one->last_ns, one->first);
    for (uint32_t i = 0; i < one->bytes; i++) printf("%02x", (unsigned char)one->payload[i]);
    putchar('\n');
  }
  puts("end");
}

static void obey(const char *command) {
  if (!strcmp(command, "mark")) {
    mark();
    puts("ok");
  } else if (!strcmp(command, "stat")) {
    printf("%llu %llu %llu\n", messages, message_bytes, lost);
  } else if (!strcmp(command, "dump")) {
    dump();
  }
  fflush(stdout);
}

static void take_commands(void) {
  static char line[256];
  static size_t length;
  ssize_t got = read(0, line + length, sizeof line - length);
  if (got <= 0) exit(0);
  length += (size_t)got;
  for (char *end; (end = memchr(line, '\n', length));) {
    *end = 0;
    obey(line);
    length -= (size_t)(end - line) + 1;
    memmove(line, end + 1, length);
  }
}

static void read_request(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  request[fread(request, 1, sizeof request - 1, file)] = 0;
  fclose(file);
}

int main(int count, char **given) {
  if (count < 6) {
    fprintf(stderr, "listeners PORT REQUEST READERS FIRST MODE [GREETING]\n");
    return 2;
  }
  port = atoi(given[1]);
  read_request(given[2]);
  readers_asked = (unsigned)atoi(given[3]), first_messages = (unsigned)atoi(given[4]);
  by_content = !strcmp(given[5], "content");
  if (count > 6) snprintf(greeting, sizeof greeting, "%s", given[6]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  readers = calloc(readers_asked, sizeof *readers);
  poll_fd = epoll_create1(0);
  struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &commands);
  for (int told = 0;;) {
    while (readers_begun < readers_asked && readers_begun - readers_joined < AT_ONCE) begin(&readers[readers_begun++]);
    if (!told && readers_joined == readers_asked) {
      puts("joined");
      fflush(stdout);
      told = 1;
    }
    int ready = epoll_wait(poll_fd, events, EVENTS, -1);
    if (ready < EVENTS / 2) { /* woken for each message by itself we would cost as much as who sends it */
      nanosleep(&(struct timespec){0, GATHER_NS}, NULL);
      ready = epoll_wait(poll_fd, events, EVENTS, 0);
    }
    for (int at = 0; at < ready; at++) {
      struct reader *reader = events[at].data.ptr;
      if (!reader)
        take_commands();
      else if (reader->fd >= 0)
        receive(reader);
    }
  }
}
