// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/json.h"

#include "boost/json.hpp"
#include "tools/murphy/report/writers.h"

namespace murphy::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchema = "murphy.report/v1";

json::object RunObject(const RunRecord& record) {
  json::object object = ToJson(record.run);
  json::array injections;
  for (const v1::Injection& injection : record.injections) injections.push_back(ToJson(injection));
  object["injections"] = std::move(injections);
  return object;
}

json::object Summary(const Report& report) {
  json::object object;
  object["verdict"] = VerdictWord(report);
  object["reason"] = VerdictReason(report);
  object["exit_code"] = static_cast<int>(Judge(report));
  object["replay"] = ReplayLine(report);
  object["experiment"] = ToJson(report.experiment);
  object["realised"] = ToJson(SumRealised(report.runs));
  return object;
}

}  // namespace

std::string WriteJson(const Report& report) {
  json::object object = Summary(report);
  json::array runs, baseline;
  for (const RunRecord& record : report.baseline) baseline.push_back(RunObject(record));
  object["baseline"] = std::move(baseline);
  object["runs_saved"] = report.runs_saved;
  for (const RunRecord& record : report.runs) runs.push_back(RunObject(record));
  object["runs"] = std::move(runs);
  return Document(kSchema, object);
}

std::string WriteRunLine(const RunRecord& record) {
  json::object object;
  object["event"] = "run_finished";
  object["run"] = RunObject(record);
  return Line(kSchema, object);
}

std::string WriteFinishLine(const Report& report) {
  json::object object;
  object["event"] = "finished";
  for (const auto& [key, value] : Summary(report)) object[key] = value;
  return Line(kSchema, object);
}

}  // namespace murphy::cli
