// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Answers in the providers' own formatting: key order, spaces, padding, event names.
namespace murphy::streams {

inline constexpr std::string_view kChatText =
    R"(data: {"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"8w"}

data: {"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e","choices":[{"index":0,"delta":{"content":"The balance"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"X1"}

data: {"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e","choices":[{"index":0,"delta":{"content":" is "},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"yQ0f"}

data: {"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e","choices":[{"index":0,"delta":{"content":"42 €."},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"p"}

data: {"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null,"obfuscation":"Zk"}

data: {"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e","choices":[],"usage":{"prompt_tokens":31,"completion_tokens":7,"total_tokens":38,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0}},"obfuscation":""}

data: [DONE]

)";

inline constexpr std::string_view kChatTools =
    R"(data: {"id":"chatcmpl-BKq","object":"chat.completion.chunk","created":1744218001,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_wq7N2","type":"function","function":{"name":"charge","arguments":""}}],"refusal":null},"finish_reason":null}]}

data: {"id":"chatcmpl-BKq","object":"chat.completion.chunk","created":1744218001,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"amount\":"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-BKq","object":"chat.completion.chunk","created":1744218001,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"12}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-BKq","object":"chat.completion.chunk","created":1744218001,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_zz","type":"function","function":{"name":"notify","arguments":"{}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-BKq","object":"chat.completion.chunk","created":1744218001,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

)";

inline constexpr std::string_view kChatPlain = R"({
  "id": "chatcmpl-BKnEc9q",
  "object": "chat.completion",
  "created": 1744218000,
  "model": "gpt-4o-2024-08-06",
  "choices": [
    {
      "index": 0,
      "message": {
        "role": "assistant",
        "content": "I charge you now.",
        "tool_calls": [
          {
            "id": "call_wq7N2",
            "type": "function",
            "function": {
              "name": "charge",
              "arguments": "{\"amount\":12}"
            }
          }
        ],
        "refusal": null
      },
      "logprobs": null,
      "finish_reason": "tool_calls"
    }
  ],
  "usage": {
    "prompt_tokens": 31,
    "completion_tokens": 7,
    "total_tokens": 38
  }
}
)";

inline constexpr std::string_view kResponsesText =
    R"(event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_68a1","object":"response","created_at":1755600000,"status":"in_progress","error":null,"incomplete_details":null,"model":"gpt-5-mini","output":[],"usage":null}}

event: response.in_progress
data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_68a1","object":"response","created_at":1755600000,"status":"in_progress","error":null,"incomplete_details":null,"model":"gpt-5-mini","output":[],"usage":null}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_68a1","type":"message","status":"in_progress","content":[],"role":"assistant"}}

event: response.content_part.added
data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_68a1","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_68a1","output_index":0,"content_index":0,"delta":"Paid","logprobs":[],"obfuscation":"aXb"}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_68a1","output_index":0,"content_index":0,"delta":" in full.","logprobs":[],"obfuscation":"q"}

event: response.output_text.done
data: {"type":"response.output_text.done","sequence_number":6,"item_id":"msg_68a1","output_index":0,"content_index":0,"text":"Paid in full.","logprobs":[]}

event: response.content_part.done
data: {"type":"response.content_part.done","sequence_number":7,"item_id":"msg_68a1","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Paid in full."}}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":{"id":"msg_68a1","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Paid in full."}],"role":"assistant"}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":9,"output_index":1,"item":{"id":"fc_68a2","type":"function_call","status":"in_progress","arguments":"","call_id":"call_x1","name":"receipt"}}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","sequence_number":10,"item_id":"fc_68a2","output_index":1,"delta":"{\"id\":","obfuscation":"t"}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","sequence_number":11,"item_id":"fc_68a2","output_index":1,"delta":"7}","obfuscation":"tt"}

event: response.function_call_arguments.done
data: {"type":"response.function_call_arguments.done","sequence_number":12,"item_id":"fc_68a2","output_index":1,"arguments":"{\"id\":7}"}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":13,"output_index":1,"item":{"id":"fc_68a2","type":"function_call","status":"completed","arguments":"{\"id\":7}","call_id":"call_x1","name":"receipt"}}

event: response.completed
data: {"type":"response.completed","sequence_number":14,"response":{"id":"resp_68a1","object":"response","created_at":1755600000,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-5-mini","output":[{"id":"msg_68a1","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Paid in full."}],"role":"assistant"},{"id":"fc_68a2","type":"function_call","status":"completed","arguments":"{\"id\":7}","call_id":"call_x1","name":"receipt"}],"usage":{"input_tokens":40,"input_tokens_details":{"cached_tokens":8},"output_tokens":12,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":52}}}

)";

inline constexpr std::string_view kAnthropicStream =
    R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_01AbC","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":472,"cache_creation_input_tokens":100,"cache_read_input_tokens":28,"output_tokens":2}}   }

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}         }

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Let me"}      }

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" look."}    }

event: content_block_stop
data: {"type":"content_block_stop","index":0        }

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_01T1","name":"lookup","input":{}}    }

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}  }

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\": \"Pa"}   }

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"ris\"}"}   }

event: content_block_stop
data: {"type":"content_block_stop","index":1      }

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}  }

event: message_stop
data: {"type":"message_stop"            }

)";

inline constexpr std::string_view kAnthropicPlain =
    R"({"id":"msg_01AbC","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Let me look."},{"type":"tool_use","id":"toolu_01T1","name":"lookup","input":{"city": "Paris"}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":20}})";

inline constexpr std::string_view kMcpPlain =
    R"({"result":{"content":[{"type":"text","text":"{\"temperature\":22.5}"},{"type":"image","data":"aGk=","mimeType":"image/png"}],"structuredContent":{"temperature":22.5}},"jsonrpc":"2.0","id":3})";

inline constexpr std::string_view kMcpStream =
    R"(event: message
data: {"method":"notifications/progress","params":{"progressToken":1,"progress":1},"jsonrpc":"2.0"}

event: message
id: 7_1
data: {"result":{"content":[{"type":"text","text":"Done."}]},"jsonrpc":"2.0","id":3}

)";

}  // namespace murphy::streams
