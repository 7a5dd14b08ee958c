// Changes of the network by rtnetlink(7).
#include "os/net/network_changes.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace tunnel::os {

struct NetworkChanges::State {
  int socket = -1;
};

NetworkChanges::NetworkChanges() : state_(std::make_unique<State>()) {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return;
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0)
    state_->socket = fd;
  else
    close(fd);
}

NetworkChanges::~NetworkChanges() {
  if (state_->socket >= 0) close(state_->socket);
}

namespace {

void note(const nlmsghdr& message, NetworkChanges::Changes& seen) {
  switch (message.nlmsg_type) {
    // a new address affects no existing connection
    case RTM_DELADDR:
      seen.address_gone = true;
      return;
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      if (message.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg))) return;
      // only default routes: every address, container and neighbour has its own routes
      const auto* route = static_cast<const rtmsg*>(NLMSG_DATA(&message));
      if (route->rtm_dst_len == 0 && route->rtm_type == RTN_UNICAST) seen.route_changed = true;
      return;
    }
    default:
      return;
  }
}

}  // namespace

NetworkChanges::Changes NetworkChanges::poll() {
  Changes seen;
  alignas(nlmsghdr) std::byte block[16 * 1024];
  // bounded: on a machine whose routes change all the time, connections must not wait
  for (int i = 0; i < 64 && state_->socket >= 0; ++i) {
    sockaddr_nl from{};
    socklen_t from_size = sizeof from;
    const ssize_t n = recvfrom(state_->socket, block, sizeof block, 0,
                               reinterpret_cast<sockaddr*>(&from), &from_size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == ENOBUFS) {
      // some messages were lost, and could have been anything
      seen = {true, true};
      continue;
    }
    if (n <= 0) break;
    if (from.nl_pid != 0) continue;  // from another program, not from the kernel
    auto left = static_cast<unsigned int>(n);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(block); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left))
      note(*message, seen);
  }
  return seen;
}

}  // namespace tunnel::os
