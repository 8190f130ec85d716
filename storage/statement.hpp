// A prepared statement in use: bound, stepped, and given back clean. Inside storage/ only.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <string>
#include <string_view>

namespace kb::storage {

/// Texts and blobs are bound without a copy: they must live until the next step(). Throws SQLite::Exception.
class Statement {
public:
    explicit Statement(SQLite::Statement& statement) : statement_(&statement) {}
    Statement(Statement&& other) noexcept : statement_(other.statement_) { other.statement_ = nullptr; }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    Statement& operator=(Statement&&) = delete;
    ~Statement()
    {
        if (statement_ != nullptr)
            statement_->tryReset();
    }

    Statement& integer(int index, std::int64_t value)
    {
        statement_->bind(index, value);
        return *this;
    }
    Statement& null(int index)
    {
        statement_->bind(index);
        return *this;
    }
    Statement& text(int index, const std::string& value)
    {
        statement_->bindNoCopy(index, value);
        return *this;
    }
    Statement& blob(int index, BytesView value)
    {
        // An empty span may hold a null pointer, which SQLite would store as NULL.
        const void* data = value.empty() ? static_cast<const void*>("") : value.data();
        statement_->bindNoCopy(index, data, static_cast<int>(value.size()));
        return *this;
    }
    Statement& instant(int index, UtcMs value) { return integer(index, value.time_since_epoch().count()); }
    Statement& local(int index, LocalSeconds value)
    {
        return integer(index, value.time_since_epoch().count());
    }

    /// True when there is a row to read.
    bool step() { return statement_->executeStep(); }
    /// For statements without rows; returns the number of changed rows and makes it ready for other values.
    int exec()
    {
        const int changed = statement_->exec();
        statement_->reset();
        return changed;
    }
    /// Ready for other values and another run.
    void reset() { statement_->reset(); }

    [[nodiscard]] std::int64_t integer(int column) const { return statement_->getColumn(column).getInt64(); }
    [[nodiscard]] bool is_null(int column) const { return statement_->getColumn(column).isNull(); }
    [[nodiscard]] std::string text(int column) const { return statement_->getColumn(column).getString(); }
    [[nodiscard]] Bytes blob(int column) const
    {
        const SQLite::Column value = statement_->getColumn(column);
        const auto* data = static_cast<const std::uint8_t*>(value.getBlob());
        return {data, data + value.getBytes()};
    }
    [[nodiscard]] UtcMs instant(int column) const
    {
        return UtcMs{std::chrono::milliseconds{integer(column)}};
    }
    [[nodiscard]] LocalSeconds local(int column) const
    {
        return LocalSeconds{std::chrono::seconds{integer(column)}};
    }

private:
    SQLite::Statement* statement_;
};

} // namespace kb::storage
