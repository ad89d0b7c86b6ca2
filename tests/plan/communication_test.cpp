#include "plan/communication.h"

#include <gtest/gtest.h>

#include "plan/published_runs.h"

namespace r1::plan {
namespace {

class Links : public testing::Test {
 protected:
  Links() {
    exact.node_link_share = exact.network_share = 1;
    exact.node_latency = exact.network_latency = 0;
  }
  Cluster cluster = find_cluster("h800-2048");
  Assumptions exact;
};

TEST_F(Links, a_gather_sends_all_but_the_own_part_over_the_slowest_link) {
  const Network network(cluster, exact);
  EXPECT_DOUBLE_EQ(network.gather(8e9, 8, 1), 7e9 / 200e9);
  EXPECT_DOUBLE_EQ(network.gather(16e9, 16, 1), 15e9 / 50e9);
  EXPECT_DOUBLE_EQ(network.gather(2e9, 2, 8), 1e9 / 50e9) << "devices of different nodes";
  EXPECT_DOUBLE_EQ(network.all_reduce(8e9, 8, 1), 2 * network.gather(8e9, 8, 1));
  EXPECT_EQ(network.gather(1e9, 1, 1), 0);
}

TEST_F(Links, latency_grows_with_the_steps_of_the_ring) {
  exact.node_latency = 1e-6;
  exact.network_latency = 1e-5;
  const Network network(cluster, exact);
  EXPECT_DOUBLE_EQ(network.gather(0, 8, 1), 7e-6);
  EXPECT_DOUBLE_EQ(network.gather(0, 64, 1), 7e-5) << "one step a node";
  EXPECT_DOUBLE_EQ(network.send(0, 8), 1e-5);
  EXPECT_DOUBLE_EQ(network.send(0, 1), 1e-6);
}

TEST_F(Links, tokens_cross_the_network_once_a_node_and_to_at_most_the_kept_groups) {
  const Network network(cluster, exact);
  Shape shape = find_published_run("deepseek-v3")->shape;
  const Network::Reach limited = network.reach(shape, 64);
  EXPECT_LE(limited.nodes, 4);
  EXPECT_NEAR(limited.nodes, 4 * (1 - 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75),
              1e-12);
  const double with_limit = network.all_to_all(shape, 4096, 7168, 64);
  EXPECT_DOUBLE_EQ(with_limit, 4096 * 7168 * limited.nodes * 7 / 8 / 50e9);
  shape.kept_groups = 8;
  EXPECT_GT(network.reach(shape, 64).nodes, limited.nodes);
  EXPECT_GT(network.all_to_all(shape, 4096, 7168, 64), with_limit);
}

TEST_F(Links, within_a_node_only_its_links_count) {
  const Network network(cluster, exact);
  const Shape shape = find_published_run("deepseek-v2")->shape;
  const Network::Reach reach = network.reach(shape, 8);
  EXPECT_EQ(reach.nodes, 1);
  EXPECT_LE(reach.devices, 3) << "three of eight groups, a device each";
  const double before = network.all_to_all(shape, 4096, 10240, 8);
  cluster.device.network_link /= 2;
  EXPECT_EQ(Network(cluster, exact).all_to_all(shape, 4096, 10240, 8), before);
  cluster.device.node_link *= 2;
  EXPECT_DOUBLE_EQ(Network(cluster, exact).all_to_all(shape, 4096, 10240, 8), before / 2);
}

}  // namespace
}  // namespace r1::plan
