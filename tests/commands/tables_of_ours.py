"""Small tables with the dirt of the real ones, made by us."""

NIGHTS = """\
id,date,place_id,place,street,town,kind,programme,sector,basis,beds,beds_off,beds_used,rooms,rooms_off,rooms_used
1,2022-01-01,10,Foyer du Port ,12 Quay St,Toronto,Hotel,501,Women,Beds,20.0,2.0,18.0,,,
2,2022-01-01,10,Foyer du Port ,12 Quay St,Toronto,Hotel,502,Families,Rooms,,,,9.0,1.0,9.0
3,2022-01-01,11,Nellie's Place,,,Shelter,601,Women,Beds,30.0,,31.0,,,
4,2022-01-02,10,Foyer du Port ,12 Quay St,Toronto,Hotel,501,Women,Beds,20.0,2.0,20.0,,,
5,2022-01-02,10,Foyer du Port ,12 Quay St,Toronto,Hotel,502,Families,Rooms,,,,12.0,0.0,4.0
6,2022-01-02,11,Nellie's Place,,,Shelter,601,Women,Beds,28.0,0.0,25.5,,,
7,2022-01-32,11,Nellie's Place,,,Shelter,601,Women,Beds,28.0,0.0,25.0,,,
8,2022-01-02,11,Nellie's Place,,,Shelter,601,Women,Tents,28.0,0.0,25.0,,,
9,2022-01-02,,,,,Shelter,601,Women,Beds,28.0,0.0,25.0,,,
10,2022-01-02,11,Nellie's Place,,,Shelter,602,Women,Beds,,,,,,
"""

NIGHTS_MAP = """\
about = "made by us"
[time]
columns = ["date"]
format = "%Y-%m-%d"
zone = "America/Toronto"
plus_hours = 28
[site]
id = "{place}-{place_id}"
name = "{place}"
address = "{street}, {town}"
[site.kind]
column = "kind"
otherwise = "shelter"
words = { Hotel = "social_hotel" }
[pool]
id = "{programme}"
[pool.audience]
column = "sector"
otherwise = "mixed"
words = { Women = "women", Families = "families" }
[[rows]]
when = { basis = "Beds" }
unit = "bed"
capacity = ["beds", "beds_off"]
out_of_service = ["beds_off"]
occupied = ["beds_used"]
[[rows]]
when = { basis = "Rooms" }
unit = "room"
capacity = ["rooms", "rooms_off"]
out_of_service = ["rooms_off"]
occupied = ["rooms_used"]
"""

# By site and not by time; one key three times; over capacity; negative; a figure that is none.
PARKING = """\
code,room,inside,at
North-1,100,40,2016-10-04 08:00:00
North-1,100,55,2016-10-04 08:30:00
North-1,100,55,2016-10-04 09:00:00
North-1,100,61,2016-10-04 09:00:00
North-1,100,58,2016-10-04 09:00:00
South 2,50,-3,2016-10-04 08:00:00
South 2,50,49,2016-10-04 08:15:00
South 2,50,63,2016-10-04 08:45:00
South 2,50,many,2016-10-04 09:15:00
South 2,45,45,2016-10-04 09:15:00
"""

PARKING_MAP = """\
[time]
columns = ["at"]
format = "%Y-%m-%d %H:%M:%S"
zone = "Europe/London"
[site]
id = "{code}"
name = "{code}"
kind = "shelter"
[pool]
id = "places"
audience = "mixed"
[[rows]]
unit = "place"
capacity = ["room"]
occupied = ["inside"]
"""
