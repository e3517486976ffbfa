// ./dev bench [NAME]: every benchmark beside its yardstick in the same run, one JSON line each.
// A benchmark `x` reports items a second (and perhaps latencies or memory); `x/yardstick` is what it is held against.

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
            const auto items = run.counters.find("items_per_second");
            if (items == run.counters.end() || run.run_type == Run::RT_Aggregate) continue;
            // Of several repetitions the best: what else the machine does only ever makes it slower.
            auto& measured = measured_[name];
            if (items->second.value < measured.rate) continue;
            measured = {.rate = items->second.value, .cpu_us = 0, .more = {}};
            if (const auto cpu = run.counters.find("cpu_us"); cpu != run.counters.end()) measured.cpu_us = cpu->second;
            for (const char* counter :
                 {"p50_ms", "p99_ms", "first_delivery_ms", "resident_mib", "mb_per_s", "cpu_us"}) {
                if (const auto value = run.counters.find(counter); value != run.counters.end())
                    measured.more += fmt::format(",\"{}\":{:.3f}", counter, value->second.value);
            }
        }
    }

    void Finalize() override {
        constexpr std::string_view suffix = "/yardstick";
        for (const auto& [name, measured] : measured_) {
            if (name.ends_with(suffix)) continue;
            const auto yardstick = measured_.find(name + std::string(suffix));
            if (yardstick == measured_.end()) continue;
            auto more = measured.more;
            if (yardstick->second.cpu_us > 0)
                more += fmt::format(",\"yardstick_cpu_us\":{:.3f}", yardstick->second.cpu_us);
            fmt::print(
                "{{\"name\":\"{}\",\"value\":{:.1f},\"unit\":\"1/s\",\"yardstick\":{:.1f},\"ratio\":{:.3f}{}}}\n", name,
                measured.rate, yardstick->second.rate, measured.rate / yardstick->second.rate, more);
        }
    }

    bool failed = false;

private:
    struct Measured {
        double rate = 0;
        double cpu_us = 0;  ///< of one item; 0: not measured
        std::string more;   ///< JSON members
    };
    std::map<std::string, Measured> measured_;
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
