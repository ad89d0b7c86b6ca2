#include "serve/openapi.h"

namespace r1::serve {

std::string_view openapi_document() {
  return R"json({
 "openapi": "3.0.3",
 "info": {
  "title": "r1 serve",
  "version": "1",
  "description": "The API of OpenAI for chats and completions, with DeepSeek's reasoning_content. All paths work without /v1 too."},
 "components": {
  "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
  "schemas": {
   "Message": {
    "type": "object",
    "required": ["role"],
    "properties": {
     "role": {"type": "string", "enum": ["system", "developer", "user", "assistant", "tool"]},
     "content": {
      "description": "a text or parts of type text",
      "nullable": true,
      "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]},
     "reasoning_content": {
      "type": "string",
      "description": "left out of the prompt; with prefix, thinking to go on from",
      "nullable": true},
     "prefix": {"type": "boolean", "description": "the last message is the beginning of the answer"},
     "tool_calls": {"type": "array", "items": {"type": "object"}},
     "tool_call_id": {"type": "string"},
     "name": {"type": "string"}}},
   "ChatRequest": {
    "type": "object",
    "required": ["messages"],
    "properties": {
     "model": {"type": "string", "description": "as in /v1/models; the server's own if absent"},
     "stream": {"type": "boolean", "default": false},
     "stream_options": {"type": "object", "properties": {"include_usage": {"type": "boolean"}}},
     "temperature": {"type": "number", "minimum": 0, "maximum": 2, "description": "0: the most probable token"},
     "top_p": {
      "type": "number",
      "minimum": 0,
      "maximum": 1,
      "description": "draw from the smallest set of this probability"},
     "top_k": {
      "type": "integer",
      "minimum": -1,
      "maximum": 1073741824,
      "description": "draw from the k most probable; 0 or -1: all"},
     "min_p": {
      "type": "number",
      "minimum": 0,
      "maximum": 1,
      "description": "drop what is less than min_p times as probable as the best"},
     "presence_penalty": {"type": "number", "minimum": -2, "maximum": 2, "description": ""},
     "frequency_penalty": {"type": "number", "minimum": -2, "maximum": 2, "description": ""},
     "repetition_penalty": {"type": "number", "minimum": 0.01, "maximum": 100, "description": "1: none"},
     "logit_bias": {
      "type": "object",
      "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100},
      "description": "added to the logits of tokens, named by their ids"},
     "seed": {"type": "integer", "description": "the same seed draws the same answer"},
     "max_tokens": {"type": "integer", "minimum": 1, "maximum": 1073741824, "description": "longest answer"},
     "stop": {
      "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 16}]},
     "n": {"type": "integer", "minimum": 1, "maximum": 128, "description": "answers"},
     "messages": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Message"}},
     "max_completion_tokens": {
      "type": "integer",
      "minimum": 1,
      "maximum": 1073741824,
      "description": "longest answer, thinking included"},
     "logprobs": {"type": "boolean"},
     "top_logprobs": {"type": "integer", "minimum": 0, "maximum": 20, "description": "needs logprobs"},
     "reasoning_effort": {
      "type": "string",
      "enum": ["none", "minimal", "low", "medium", "high", "xhigh"],
      "description": "tokens of thinking: 0, 256, 1024, 8192, no limit"},
     "thinking_budget": {
      "type": "integer",
      "minimum": 0,
      "maximum": 1073741824,
      "description": "tokens of thinking after which it is closed"},
     "thinking": {
      "type": "object",
      "properties": {
       "type": {"type": "string", "enum": ["enabled", "disabled"]},
       "budget_tokens": {"type": "integer", "minimum": 0, "maximum": 1073741824, "description": ""}}},
     "response_format": {
      "type": "object",
      "properties": {
       "type": {"type": "string", "enum": ["text", "json_object", "json_schema"]},
       "json_schema": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "schema": {"type": "object"}}}}},
     "tools": {
      "type": "array",
      "items": {"type": "object"},
      "description": "for models whose template knows them"},
     "tool_choice": {"type": "string", "enum": ["auto", "none"]},
     "chat_template_kwargs": {"type": "object", "description": "further variables of the chat template"}}},
   "TextRequest": {
    "type": "object",
    "required": ["prompt"],
    "properties": {
     "model": {"type": "string", "description": "as in /v1/models; the server's own if absent"},
     "stream": {"type": "boolean", "default": false},
     "stream_options": {"type": "object", "properties": {"include_usage": {"type": "boolean"}}},
     "temperature": {"type": "number", "minimum": 0, "maximum": 2, "description": "0: the most probable token"},
     "top_p": {
      "type": "number",
      "minimum": 0,
      "maximum": 1,
      "description": "draw from the smallest set of this probability"},
     "top_k": {
      "type": "integer",
      "minimum": -1,
      "maximum": 1073741824,
      "description": "draw from the k most probable; 0 or -1: all"},
     "min_p": {
      "type": "number",
      "minimum": 0,
      "maximum": 1,
      "description": "drop what is less than min_p times as probable as the best"},
     "presence_penalty": {"type": "number", "minimum": -2, "maximum": 2, "description": ""},
     "frequency_penalty": {"type": "number", "minimum": -2, "maximum": 2, "description": ""},
     "repetition_penalty": {"type": "number", "minimum": 0.01, "maximum": 100, "description": "1: none"},
     "logit_bias": {
      "type": "object",
      "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100},
      "description": "added to the logits of tokens, named by their ids"},
     "seed": {"type": "integer", "description": "the same seed draws the same answer"},
     "max_tokens": {"type": "integer", "minimum": 1, "maximum": 1073741824, "description": "longest answer"},
     "stop": {
      "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 16}]},
     "n": {"type": "integer", "minimum": 1, "maximum": 128, "description": "answers"},
     "prompt": {
      "description": "a text, a list of token ids, or a list of those",
      "oneOf": [{"type": "string"}, {"type": "array"}]},
     "logprobs": {
      "type": "integer",
      "minimum": 0,
      "maximum": 20,
      "description": "the most probable tokens to tell of each"},
     "echo": {"type": "boolean"}}},
   "Usage": {
    "type": "object",
    "required": ["prompt_tokens", "completion_tokens", "total_tokens"],
    "properties": {
     "prompt_tokens": {"type": "integer"},
     "completion_tokens": {"type": "integer"},
     "total_tokens": {"type": "integer"},
     "prompt_tokens_details": {"type": "object", "properties": {"cached_tokens": {"type": "integer"}}},
     "completion_tokens_details": {"type": "object", "properties": {"reasoning_tokens": {"type": "integer"}}},
     "prompt_cache_hit_tokens": {"type": "integer"},
     "prompt_cache_miss_tokens": {"type": "integer"}}},
   "ChatAnswer": {
    "type": "object",
    "required": ["id", "object", "created", "model", "choices", "usage"],
    "properties": {
     "id": {"type": "string"},
     "object": {"type": "string", "enum": ["chat.completion"]},
     "created": {"type": "integer"},
     "model": {"type": "string"},
     "system_fingerprint": {"type": "string"},
     "choices": {
      "type": "array",
      "items": {
       "type": "object",
       "required": ["index", "message", "finish_reason"],
       "properties": {
        "index": {"type": "integer"},
        "message": {
         "type": "object",
         "required": ["role", "content"],
         "properties": {
          "role": {"type": "string"},
          "content": {"type": "string", "nullable": true},
          "reasoning_content": {"type": "string"},
          "tool_calls": {"type": "array", "items": {"type": "object"}}}},
        "logprobs": {"type": "object", "nullable": true},
        "finish_reason": {"type": "string", "enum": ["stop", "length", "tool_calls"]}}}},
     "usage": {"$ref": "#/components/schemas/Usage"}}},
   "TextAnswer": {
    "type": "object",
    "required": ["id", "object", "created", "model", "choices", "usage"],
    "properties": {
     "id": {"type": "string"},
     "object": {"type": "string", "enum": ["text_completion"]},
     "created": {"type": "integer"},
     "model": {"type": "string"},
     "system_fingerprint": {"type": "string"},
     "choices": {
      "type": "array",
      "items": {
       "type": "object",
       "required": ["index", "text", "finish_reason"],
       "properties": {
        "index": {"type": "integer"},
        "text": {"type": "string"},
        "logprobs": {"type": "object", "nullable": true},
        "finish_reason": {"type": "string", "enum": ["stop", "length"]}}}},
     "usage": {"$ref": "#/components/schemas/Usage"}}},
   "Model": {
    "type": "object",
    "required": ["id", "object", "created", "owned_by"],
    "properties": {
     "id": {"type": "string"},
     "object": {"type": "string", "enum": ["model"]},
     "created": {"type": "integer"},
     "owned_by": {"type": "string"},
     "context_length": {"type": "integer"}}},
   "Models": {
    "type": "object",
    "required": ["object", "data"],
    "properties": {
     "object": {"type": "string", "enum": ["list"]},
     "data": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}}},
   "Health": {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string", "enum": ["ok", "stopping"]}}},
   "Error": {
    "type": "object",
    "required": ["error"],
    "properties": {
     "error": {
      "type": "object",
      "required": ["message", "type", "param", "code"],
      "properties": {
       "message": {"type": "string"},
       "type": {"type": "string"},
       "param": {"type": "string", "nullable": true},
       "code": {"type": "string", "nullable": true}}}}}},
  "responses": {
   "WrongField": {
    "description": "a field is wrong: param names it",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "NoKey": {
    "description": "no valid key",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "WrongHost": {
    "description": "wrong Host or Origin",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "NoModel": {
    "description": "no such model",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "TooLarge": {
    "description": "the body is too large",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "NotJson": {
    "description": "not application/json",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "Busy": {
    "description": "too many requests wait",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}},
   "Stopping": {
    "description": "the server is stopping",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}}},
 "security": [{"key": []}],
 "paths": {
  "/v1/chat/completions": {
   "post": {
    "summary": "answer a conversation",
    "requestBody": {
     "required": true,
     "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ChatRequest"}}}},
    "responses": {
     "200": {
      "description": "the answer",
      "content": {
       "application/json": {"schema": {"$ref": "#/components/schemas/ChatAnswer"}},
       "text/event-stream": {
        "schema": {"type": "string", "description": "data: lines of chunks, ended by data: [DONE]"}}}},
     "400": {"$ref": "#/components/responses/WrongField"},
     "401": {"$ref": "#/components/responses/NoKey"},
     "403": {"$ref": "#/components/responses/WrongHost"},
     "404": {"$ref": "#/components/responses/NoModel"},
     "413": {"$ref": "#/components/responses/TooLarge"},
     "415": {"$ref": "#/components/responses/NotJson"},
     "429": {"$ref": "#/components/responses/Busy"},
     "503": {"$ref": "#/components/responses/Stopping"}}}},
  "/v1/completions": {
   "post": {
    "summary": "continue a text",
    "requestBody": {
     "required": true,
     "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TextRequest"}}}},
    "responses": {
     "200": {
      "description": "the answer",
      "content": {
       "application/json": {"schema": {"$ref": "#/components/schemas/TextAnswer"}},
       "text/event-stream": {
        "schema": {"type": "string", "description": "data: lines of chunks, ended by data: [DONE]"}}}},
     "400": {"$ref": "#/components/responses/WrongField"},
     "401": {"$ref": "#/components/responses/NoKey"},
     "403": {"$ref": "#/components/responses/WrongHost"},
     "404": {"$ref": "#/components/responses/NoModel"},
     "413": {"$ref": "#/components/responses/TooLarge"},
     "415": {"$ref": "#/components/responses/NotJson"},
     "429": {"$ref": "#/components/responses/Busy"},
     "503": {"$ref": "#/components/responses/Stopping"}}}},
  "/v1/models": {
   "get": {
    "summary": "the models",
    "responses": {
     "200": {
      "description": "the answer",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Models"}}}},
     "401": {"$ref": "#/components/responses/NoKey"},
     "403": {"$ref": "#/components/responses/WrongHost"}}}},
  "/v1/models/{id}": {
   "get": {
    "summary": "one model",
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
    "responses": {
     "200": {
      "description": "the answer",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Model"}}}},
     "404": {"$ref": "#/components/responses/NoModel"},
     "401": {"$ref": "#/components/responses/NoKey"},
     "403": {"$ref": "#/components/responses/WrongHost"}}}},
  "/health": {
   "get": {
    "summary": "whether it is up",
    "security": [],
    "responses": {
     "200": {
      "description": "the answer",
      "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}},
     "403": {"$ref": "#/components/responses/WrongHost"}}}},
  "/metrics": {
   "get": {
    "summary": "counters for Prometheus",
    "responses": {
     "200": {
      "description": "text form 0.0.4",
      "content": {"text/plain": {"schema": {"type": "string"}}}},
     "401": {"$ref": "#/components/responses/NoKey"},
     "403": {"$ref": "#/components/responses/WrongHost"}}}},
  "/openapi.json": {
   "get": {
    "summary": "this document",
    "security": [],
    "responses": {
     "200": {
      "description": "OpenAPI 3",
      "content": {"application/json": {"schema": {"type": "object"}}}},
     "403": {"$ref": "#/components/responses/WrongHost"}}}}}})json";
}

}  // namespace r1::serve
