// ./dev bench [NAME]: every benchmark beside its yardstick in the same run, one JSON line each.
// A benchmark `x` reports items a second; `x/yardstick` is what it is held against.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <map>
#include <string>

namespace {

class JsonLines final : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }

    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.error_occurred) {
                fmt::print(stderr, "{}: {}\n", run.benchmark_name(), run.error_message);
                failed = true;
                continue;
            }
            std::string name = run.run_name.function_name;
            if (const auto items = run.counters.find("items_per_second"); items != run.counters.end())
                rates_[name] = items->second.value;
        }
    }

    void Finalize() override {
        constexpr std::string_view suffix = "/yardstick";
        for (const auto& [name, rate] : rates_) {
            if (name.ends_with(suffix)) continue;
            const auto yardstick = rates_.find(name + std::string(suffix));
            if (yardstick == rates_.end()) continue;
            fmt::print("{{\"name\":\"{}\",\"value\":{:.1f},\"unit\":\"1/s\",\"yardstick\":{:.1f},\"ratio\":{:.3f}}}\n",
                       name, rate, yardstick->second, rate / yardstick->second);
        }
    }

    bool failed = false;

private:
    std::map<std::string, double> rates_;
};

}  // namespace

int main(int count, char** arguments) {
    std::vector<std::string> passed = {arguments[0]};
    if (count > 1) passed.push_back(fmt::format("--benchmark_filter=^{}", arguments[1]));
    std::vector<char*> pointers;
    for (std::string& argument : passed) pointers.push_back(argument.data());
    int passed_count = static_cast<int>(pointers.size());
    benchmark::Initialize(&passed_count, pointers.data());
    JsonLines reporter;
    if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) {
        fmt::print(stderr, "no benchmark is named {}\n", count > 1 ? arguments[1] : "");
        return 2;
    }
    return reporter.failed ? 1 : 0;
}
