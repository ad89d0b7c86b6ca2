// The description of the API in the form of OpenAPI 3.
#pragma once

#include <string_view>

namespace r1::serve {

std::string_view openapi_document();

}  // namespace r1::serve
