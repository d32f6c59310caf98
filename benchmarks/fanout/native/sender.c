/* The physical limit: one send() for each message and reader, and nothing else.

   sender PORT. `GET /healthz` is answered 200, an upgrade makes a reader, and what follows `POST /frames` on the same
   connection are whole WebSocket frames, each of which is sent to every reader. The answer to the upgrade is right for
   the nonce of RFC 6455's example only, which our readers send. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 1 << 17, EVENTS = 256, BACKLOG = 4096, MOST_INPUT = 1 << 17 };

static const char UPGRADED[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char HEALTHY[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static int readers[MOST], place_of[MOST], count_of_readers, publisher = -1, poll_fd;
static char frames[MOST_INPUT];
static size_t frames_bytes;

static void drop(int fd) {
  if (fd < MOST && place_of[fd]) {
    int last = readers[--count_of_readers];
    readers[place_of[fd] - 1] = last;
    place_of[last] = place_of[fd];
    place_of[fd] = 0;
  }
  if (fd == publisher) publisher = -1, frames_bytes = 0;
  close(fd);
}

static void send_whole(int fd, const char *data, size_t bytes) {
  while (bytes) {
    ssize_t sent = send(fd, data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      data += sent, bytes -= (size_t)sent;
    } else if (errno == EAGAIN) { /* the reader's turn; a loop of sends has nowhere to put it meanwhile */
      struct pollfd room = {fd, POLLOUT, 0};
      poll(&room, 1, 1000);
    } else {
      return; /* its end is read in its turn */
    }
  }
}

static void publish(void) {
  size_t at = 0;
  while (frames_bytes - at >= 4) {
    const unsigned char *frame = (const unsigned char *)frames + at;
    size_t whole = frame[1] < 126 ? 2u + frame[1] : 4u + ((size_t)frame[2] << 8 | frame[3]);
    if (frames_bytes - at < whole) break;
    for (int i = 0; i < count_of_readers; i++) send_whole(readers[i], frames + at, whole);
    at += whole;
  }
  memmove(frames, frames + at, frames_bytes -= at);
}

static void hear_publisher(void) {
  ssize_t got = recv(publisher, frames + frames_bytes, sizeof frames - frames_bytes, 0);
  if (got <= 0) {
    drop(publisher);
    return;
  }
  frames_bytes += (size_t)got;
  publish();
}

static void hear(int fd) {
  char head[4096];
  ssize_t got = recv(fd, head, sizeof head, 0);
  if (got <= 0) {
    drop(fd);
  } else if (place_of[fd]) {
    return; /* what a reader says is not read */
  } else if (memmem(head, (size_t)got, "POST /frames", 12)) {
    const char *end = memmem(head, (size_t)got, "\r\n\r\n", 4);
    publisher = fd;
    frames_bytes = end ? (size_t)(head + got - (end + 4)) : 0; /* the first frames may come with the head */
    if (end) memcpy(frames, end + 4, frames_bytes);
    publish();
  } else if (memmem(head, (size_t)got, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 43)) {
    readers[count_of_readers++] = fd;
    place_of[fd] = count_of_readers;
    send_whole(fd, UPGRADED, sizeof UPGRADED - 1);
  } else {
    send_whole(fd, HEALTHY, sizeof HEALTHY - 1);
  }
}

static void welcome(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
  if (fd < 0 || fd >= MOST) {
    if (fd >= 0) close(fd);
    return;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

int main(int count, char **given) {
  if (count < 2) return 2;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(given[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, BACKLOG) < 0) {
    perror("sender");
    return 1;
  }
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(poll_fd, events, EVENTS, -1);
    for (int at = 0; at < ready; at++) {
      int fd = events[at].data.fd;
      if (fd == listener)
        welcome(listener);
      else if (fd == publisher)
        hear_publisher();
      else
        hear(fd);
    }
  }
}
