// What a test may do with the stand-in beyond the maker's interface: these exports are found by name in the
// loaded file.
#pragma once

extern "C" {
/// {"function":"fn_query_data"}: that export misbehaves from its next call on. With "error":N (and
/// "text":"...") it fails so; with "hang":true it does not return until kb_stand_in_release(). With
/// "done":true it does what it should before that, else it does not (one that only hangs does it once it is
/// released). With "nothing":true it says that it is done, and is not. "after":N calls pass before, "count":N
/// are hit (1). {} forgets all.
void kb_stand_in_misbehave(const char* json);
/// From now on every register is asked through this function instead of its control address: the body of a
/// POST /library in, its answer out, which need not be valid after the next call. Null: by the address again.
void kb_stand_in_register(const char* (*ask)(const char* request));
/// Lets every hanging call go on.
void kb_stand_in_release();
/// Calls that hang now.
int kb_stand_in_hanging();
/// Handles that were created and not destroyed.
int kb_stand_in_handles();
/// The settings text that was taken last. Valid until the next set_settings.
const char* kb_stand_in_settings();
/// The task that process_json was given last. Valid until the next one.
const char* kb_stand_in_task();
}
