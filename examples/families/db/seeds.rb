# frozen_string_literal: true

{
  "Lovelace" => %w[Ada Byron Ralph],
  "Hopper" => %w[Grace Mary Roger],
  "Noether" => %w[Emmy Fritz]
}.each do |family_name, names|
  family = Family.find_or_create_by!(name: family_name)
  names.each { |name| family.members.find_or_create_by!(name: name) }
end
