#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/core/http/server_fixture.hpp"

namespace sluice::http {
namespace {

using ::testing::HasSubstr;

class UnixSocket : public ::testing::Test {
protected:
    UnixSocket() {
        std::string name = ::testing::TempDir() + "sluice-XXXXXX";
        directory_ = ::mkdtemp(name.data());
        path_ = directory_ / "admin.sock";
    }
    ~UnixSocket() override { std::filesystem::remove_all(directory_); }

    Result<Response> get(const std::string& target) const {
        Client client({.unix_socket = path_});
        return client.send({.target = target});
    }

    std::filesystem::path directory_, path_;
};

TEST_F(UnixSocket, CarriesRequestsFromOurClient) {
    std::string host, peer;
    std::optional<::uid_t> user;
    Server server(ListenUnix{path_}, {}, [&](const ServerRequest& request, const Respond& respond) {
        host = find_header(request.headers, "Host");
        peer = request.peer;
        user = request.peer_uid;
        respond({.status = 200, .body = request.target});
    });
    ASSERT_TRUE(server.start());
    EXPECT_EQ(server.port(), 0);
    Client client({.base_path = "/v0", .unix_socket = path_});
    for (int i = 0; i < 2; ++i) {
        const auto response = client.send({.target = "/events"});
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->body, "/v0/events");
    }
    EXPECT_EQ(host, "localhost");
    EXPECT_EQ(peer, "unix");
    EXPECT_EQ(user, ::geteuid());
}

TEST_F(UnixSocket, IsTheOwnersAloneAndGoesWithTheServer) {
    Server server(ListenUnix{path_}, {}, test::echo);
    ASSERT_TRUE(server.start());
    struct stat status {};
    ASSERT_EQ(::lstat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    server.stop(0);
    EXPECT_FALSE(std::filesystem::exists(path_));
    const auto gone = get("/");
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().failure, Failure::retry);
    EXPECT_EQ(gone.error().message, "unix:" + path_.string() + ": connect: No such file or directory");
}

TEST_F(UnixSocket, AStaleFileIsReplaced) {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    ::close(dead);
    Server server(ListenUnix{path_}, {}, test::echo);
    const auto started = server.start();
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_TRUE(get("/"));
}

TEST_F(UnixSocket, ALiveOneIsNotTaken) {
    Server first(ListenUnix{path_}, {}, test::echo);
    ASSERT_TRUE(first.start());
    {
        Server second(ListenUnix{path_}, {}, test::echo);
        const auto started = second.start();
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().failure, Failure::invalid);
        EXPECT_THAT(started.error().message, HasSubstr(path_.string() + ": another program listens there"));
    }
    EXPECT_TRUE(get("/"));
}

TEST_F(UnixSocket, AFileThatIsNoSocketIsLeftAlone) {
    std::ofstream(path_) << "precious";
    Server server(ListenUnix{path_}, {}, test::echo);
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr("no socket stands there"));
    EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(UnixSocket, AForeignFileAtThePathSurvivesTheStop) {
    Server server(ListenUnix{path_}, {}, test::echo);
    ASSERT_TRUE(server.start());
    std::filesystem::remove(path_);
    std::ofstream(path_) << "another's";
    server.stop(0);
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixSocket, APathTooLongOrWithoutADirectoryIsAClearError) {
    const std::filesystem::path long_path = directory_ / std::string(200, 'x');
    Server server(ListenUnix{long_path}, {}, test::echo);
    EXPECT_THAT(server.start().error().message, HasSubstr("at most 107 bytes"));
    Client client({.unix_socket = long_path});
    const auto result = client.send({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, Failure::retry);
    EXPECT_THAT(result.error().message, HasSubstr("at most 107 bytes"));
    Server nowhere(ListenUnix{directory_ / "none" / "s"}, {}, test::echo);
    EXPECT_THAT(nowhere.start().error().message, HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace sluice::http
