// The shape of the cabinet's database, as steps that are only ever appended to.
#pragma once

namespace kb::cabinet::store {

class Connection;

/// Brings the database to the newest version; throws soci::soci_error, also for one made by a newer program.
void migrate(Connection& connection);
int newest_schema_version();

} // namespace kb::cabinet::store
