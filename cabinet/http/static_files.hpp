// The web pages, held in memory: what is not in the folder at start cannot be asked for, whatever the path
// says.
#pragma once

#include "http/message.hpp"

#include <map>

namespace kb::cabinet {

class StaticFiles {
public:
    /// Reads the folder; a missing one gives a page that says so.
    explicit StaticFiles(const std::string& folder);

    /// A file, or index.html for a path of the page's own router (no dot in its last part), or 404.
    [[nodiscard]] http::Response answer(const http::Request& request) const;

private:
    struct File {
        std::string body;
        std::string gzipped; ///< empty where it does not pay
        std::string type;
        std::string etag;
        bool hashed_name = false; ///< under /assets/: the name changes with the content
    };
    std::map<std::string, File> files_;
};

/// The headers every answer carries: nothing may be framed, guessed or loaded from elsewhere.
void add_security_headers(http::Response& response);

} // namespace kb::cabinet
