# SPDX-License-Identifier: Apache-2.0
"""Standard clients of gRPC: reflection and health, by Unix socket and by TCP with the token."""

from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from control import messages

SERVICES = {"Experiment", "Run", "Fault", "Journal", "Safety"}


class Bearer(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):
    def __init__(self, token):
        self.token = token

    def _with(self, details):
        metadata = [*(details.metadata or ()), ("authorization", f"Bearer {self.token}")]
        return details._replace(metadata=metadata)

    def intercept_unary_unary(self, continuation, details, request):
        return continuation(self._with(details), request)

    def intercept_stream_stream(self, continuation, details, requests):
        return continuation(self._with(details), requests)


@pytest.fixture(params=["unix", "tcp"])
def channel(request, shared):
    control = shared.endpoints["control"]
    if request.param == "unix":
        with grpc.insecure_channel("unix:" + control["unix"]) as made:
            yield made
        return
    token = Path(shared.endpoints["token_file"]).read_text().strip()
    with grpc.insecure_channel(control["tcp"]) as made:
        yield grpc.intercept_channel(made, Bearer(token))


def test_health_says_serving(channel):
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_lists_every_service_and_describes_it(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    listed = set(database.get_services())
    assert {f"murphy.v1.{name}Service" for name in SERVICES} | {"grpc.health.v1.Health"} <= listed
    pool = DescriptorPool(database)
    for service in listed:
        assert pool.FindServiceByName(service).methods


def test_a_call_made_from_reflection_alone_works(channel):
    from google.protobuf.message_factory import GetMessageClass
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    method = pool.FindServiceByName("murphy.v1.SafetyService").FindMethodByName("GetStatus")
    request, response = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    call = channel.unary_unary("/murphy.v1.SafetyService/GetStatus", request_serializer=request.SerializeToString,
                               response_deserializer=response.FromString)
    assert call(request()).pid > 0


@pytest.mark.parametrize("metadata", [None, [("authorization", "Bearer wrong")], [("authorization", "Basic x")]])
def test_tcp_without_the_token_is_refused(shared, metadata):
    from murphy.v1 import safety_service_pb2_grpc
    with grpc.insecure_channel(shared.endpoints["control"]["tcp"]) as made:
        with pytest.raises(grpc.RpcError) as refused:
            safety_service_pb2_grpc.SafetyServiceStub(made).Halt(messages("safety_service").HaltRequest(reason="x"), metadata=metadata)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    assert "token" in refused.value.details()
