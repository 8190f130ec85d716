// The table of makes: what each promises, and how a wrong choice is answered.
#include "machine.hpp"

#include "drivers/emulator/make.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace kb;
using namespace kb::emulator;
using kb::emulator::test::Machine;

TEST_CASE("every model of every make has a face in each of its framings", "[emulator]")
{
    std::set<std::string> ids;
    for (const Make& make : makes()) {
        for (const ModelRow& model : make.models) {
            INFO(model.family << " " << model.id);
            CHECK(ids.insert(std::string(model.id)).second);
            CHECK_FALSE(model.name.empty());
            CHECK_FALSE(model.framings.empty());
            CHECK_FALSE(model.transports.empty());
            const auto chosen = choose_model(model.family, model.id);
            REQUIRE(chosen);
            CHECK(chosen->model == &model);

            Identity who;
            make.identify(model, 42, who);
            CHECK(check_serial(model, who.kkt_serial));
            CHECK_FALSE(who.kkt_version.empty());

            Machine machine;
            machine.start();
            Faults faults(1);
            std::vector<std::string_view> framings = model.framings;
            framings.push_back("auto");
            for (const std::string_view framing : framings) {
                CHECK(check_framing(model, framing));
                FaceRequest request;
                request.model = model.id;
                request.framing = framing;
                const auto face = make.face(machine.kkt, faults, request);
                REQUIRE(face);
                face->power_up();
                CHECK_FALSE(face->take_hang_up());
            }
        }
    }
}

TEST_CASE("a factory number that was given stays", "[emulator]")
{
    for (const Make& make : makes()) {
        Identity who;
        who.kkt_serial = "5";
        make.identify(make.models.front(), 42, who);
        CHECK(who.kkt_serial == "5");
    }
}

TEST_CASE("a family without a model means its first, a model without a family is enough", "[emulator]")
{
    const auto first = choose_model("shtrih", "");
    REQUIRE(first);
    CHECK(first->model == &first->make->models.front());
    const auto alone = choose_model("", "nano-f");
    REQUIRE(alone);
    CHECK(alone->model->id == "nano-f");
}

TEST_CASE("a wrong choice is answered with what there is", "[emulator]")
{
    const auto family = choose_model("olivetti", "");
    REQUIRE_FALSE(family);
    CHECK(family.error().code == Errc::bad_config);
    CHECK_THAT(family.error().context, Catch::Contains("\"olivetti\"") && Catch::Contains("shtrih"));

    const auto model = choose_model("shtrih", "m-99f");
    REQUIRE_FALSE(model);
    CHECK_THAT(model.error().context, Catch::Contains("\"m-99f\"") && Catch::Contains("shtrih-m-02f"));

    const auto chosen = choose_model("shtrih", "shtrih-m-02f");
    REQUIRE(chosen);
    const auto framing = check_framing(*chosen->model, "v7");
    REQUIRE_FALSE(framing);
    CHECK_THAT(framing.error().context, Catch::Contains("\"v7\"") && Catch::Contains("v1, v2, auto"));

    const auto quirk = check_quirk(*chosen->make, "hum");
    REQUIRE_FALSE(quirk);
    CHECK_THAT(quirk.error().context, Catch::Contains("\"hum\"") && Catch::Contains("stray_ff"));

    const auto serial = check_serial(*chosen->model, "0049361208");
    REQUIRE_FALSE(serial);
    CHECK_THAT(serial.error().context, Catch::Contains("16 digits"));
}
