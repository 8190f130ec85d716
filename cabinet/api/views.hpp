// What the web pages get, as JSON text (docs/cabinet-api.yaml, schemas).
#pragma once

#include "cabinet/catalogue.hpp"
#include "cabinet/store/history.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace kb::cabinet::api {

nlohmann::json session_view(const store::Session& session);
nlohmann::json register_view(const store::Register& shop_register, const Catalogue& catalogue,
                             bool agent_online);
nlohmann::json fn_holding_view(const store::FnHolding& fn);
nlohmann::json completeness_view(const std::vector<store::FnHolding>& fns);
nlohmann::json event_view(const store::EventRow& event);
nlohmann::json change_view(const store::StatusChange& change);
nlohmann::json head_view(const store::DocumentHead& head);
/// head, items, findings, json, tlv_hex, qr, paper
nlohmann::json document_view(const store::DocumentHead& document);
nlohmann::json agent_view(const store::Agent& agent, bool online);
nlohmann::json rejected_view(const store::RejectedRow& row);
nlohmann::json permission_view(const store::CommandPermission& permission);
nlohmann::json command_view(const store::CommandRow& row, UtcMs now);

/// The QR text of a receipt; nullopt for documents without one.
std::optional<std::string> qr_of(const store::DocumentHead& head);
/// An SVG of the text's QR code.
std::string qr_svg(const std::string& text);

} // namespace kb::cabinet::api
