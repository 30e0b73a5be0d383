// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/outcome/arms.h"
#include "daemon/outcome/history.h"

namespace murphy::outcome {

// One judge for each kind of expectation, in a file of its own. Pure; the answers are those of
// `results.h`.

v1::ExpectResult Judge(const History& history, const v1::BoundedRetriesExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::AtMostOnceEffectExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::NoSilentFailureExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::RespectsRetryAfterExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::FallsBackExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::NoHijackExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::TerminatesExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::NoRetryOnPermanentExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::CompletesExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::BoundedAmplificationExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::HasTimeoutExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::CircuitBreaksExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::VerifiesBeforeRepeatExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::EscalatesExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::PoisonContainedExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::NoHerdExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::ReturnsToBaselineExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::FiresExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::NeverCallsExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::CallsExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::BeforeExpect& expect);

// Of a run that is judged as far as this: its other figures are there.
v1::ExpectResult Judge(const History& history, const v1::Outcome& outcome,
                       const v1::FigureExpect& expect);

// Those that all runs decide together: what a run contributes, as figures, and what it says by
// itself; then what the runs say. `place` is where the expectation stands in the scenario. While
// runs are going on (`final` is false) those that may be looked at only once say nothing.

v1::ExpectResult Judge(const History& history, const v1::BackoffShapeExpect& expect);
v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::BackoffShapeExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::BulkheadExpect& expect);
v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::BulkheadExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::CostCeilingExpect& expect);
v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::CostCeilingExpect& expect);
v1::ExpectResult Judge(const History& history, const v1::NoSynergyExpect& expect);
v1::ExpectResult JudgeTogether(const Arms& arms, int place, bool final,
                               const v1::NoSynergyExpect& expect);

}  // namespace murphy::outcome
