// The share of each worker, and their sum.
#include "server/stats_collector.hpp"

#include <asio/post.hpp>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "relay/connection.hpp"

namespace tunnel {

namespace {

StatsCollection share_of(const Worker& worker, std::size_t index,
                         const std::vector<std::shared_ptr<const WorkerCounters>>& services,
                         std::size_t limit) {
  StatsCollection out;
  std::map<const ServiceCounters*, StatsCollection::Sum*> sums;
  out.services.resize(services.size());
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ServiceCounters& counters = (*services[i])[index];
    StatsCollection::Sum& sum = out.services[i];
    sum = {counters.opened.value(),   counters.failed.value(),     0,
           counters.bytes.up.value(), counters.bytes.down.value(), counters.stats};
    sums.emplace(&counters, &sum);
  }
  for (const Connection* connection : worker.connections) {
    if (const auto found = sums.find(&connection->counters()); found != sums.end()) {
      found->second->open += connection->is_open() ? 1 : 0;
      found->second->up += connection->bytes().up.value();
      found->second->down += connection->bytes().down.value();
    }
    if (out.connections.size() < limit)
      out.connections.push_back(connection->status());
    else
      ++out.not_shown;
  }
  return out;
}

void add(StatsCollection& all, StatsCollection share) {
  for (std::size_t i = 0; i < share.services.size(); ++i) {
    all.services[i].opened += share.services[i].opened;
    all.services[i].failed += share.services[i].failed;
    all.services[i].open += share.services[i].open;
    all.services[i].up += share.services[i].up;
    all.services[i].down += share.services[i].down;
    all.services[i].stats += share.services[i].stats;
  }
  all.not_shown += share.not_shown;
  for (auto& connection : share.connections) all.connections.push_back(std::move(connection));
}

void finish(StatsCollection& all, std::size_t limit) {
  std::ranges::sort(all.connections, {}, [](const ConnectionStatus& connection) {
    return std::tie(connection.service, connection.id);
  });
  if (all.connections.size() <= limit) return;
  all.not_shown += all.connections.size() - limit;
  all.connections.resize(limit);
}

}  // namespace

void collect_stats(const std::vector<std::unique_ptr<Worker>>& workers,
                   std::vector<std::shared_ptr<const WorkerCounters>> services, std::size_t limit,
                   std::function<void(StatsCollection)> done) {
  struct Gathered {
    StatsCollection all;
    std::size_t missing;
    std::function<void(StatsCollection)> done;
  };
  auto gathered = std::make_shared<Gathered>(Gathered{{}, workers.size(), std::move(done)});
  gathered->all.services.resize(services.size());
  Worker& home = *workers.front();
  for (std::size_t i = 0; i < workers.size(); ++i)
    asio::post(workers[i]->io, [&home, &worker = *workers[i], i, services, limit, gathered] {
      asio::post(home.io,
                 [gathered, limit, share = share_of(worker, i, services, limit)]() mutable {
                   add(gathered->all, std::move(share));
                   if (--gathered->missing > 0) return;
                   finish(gathered->all, limit);
                   gathered->done(std::move(gathered->all));
                 });
    });
}

}  // namespace tunnel
